"""The base class of all API schemas: frozen, and closed to undeclared fields."""

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict


class Schema(BaseModel):
    """An object that crosses a process boundary."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def equals(default: object) -> Callable[[object], bool]:
    """For `exclude_if`: leaves a field out of JSON if it has its default.

    So a process of the previous release, which does not know the field, can read the object.
    """
    return lambda value: value == default
