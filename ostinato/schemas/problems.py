"""Error responses: RFC 9457 problem details with a stable `code`."""

from pydantic import BaseModel, ConfigDict


class Problem(BaseModel):
    """`application/problem+json`; further members depend on the code."""

    model_config = ConfigDict(frozen=True, extra="allow", use_attribute_docstrings=True)

    type: str = "about:blank"
    """Always `about:blank`: `code` identifies the problem."""
    title: str
    """What the code means."""
    status: int
    """The HTTP status of the response."""
    detail: str
    """One sentence for a person: what is wrong, where, and what to do."""
    code: str
    """Stable; docs/api.md lists all codes."""
