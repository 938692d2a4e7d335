"""Error responses: RFC 9457 problem details with a stable `code`."""

from pydantic import BaseModel, ConfigDict


class Problem(BaseModel):
    """`application/problem+json`; further members depend on the code."""

    model_config = ConfigDict(frozen=True, extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
