"""The base class of all API schemas: frozen, and closed to undeclared fields."""

from pydantic import BaseModel, ConfigDict


class Schema(BaseModel):
    """An object that crosses a process boundary."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
