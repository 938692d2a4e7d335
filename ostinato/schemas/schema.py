"""What every wire shape has in common: frozen, and closed to fields that nobody declared."""

from pydantic import BaseModel, ConfigDict


class Wire(BaseModel):
    """A shape that crosses a process boundary."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
