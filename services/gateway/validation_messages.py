"""Describes validation errors: an out-of-range value with the whole valid range."""

from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

NO_OBJECT = {"missing", "model_attributes_type"}
"""Types of the error if the body is not an object, or its content type is not JSON."""
OUT_OF_RANGE = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}


def describe_all(errors: Sequence[ErrorDetails], model: object) -> Iterator[tuple[str, str]]:
    """The field and the message of each error in a request; `model` is the schema of its body."""
    for error in errors:
        place, *path = error["loc"]
        if error["type"] == "json_invalid":
            yield str(place), f"not valid JSON: {error['ctx']['error']} at character {path[0]}"
        elif place == "body" and not path and error["type"] in NO_OBJECT:
            yield str(place), "send a JSON object, with the header Content-Type: application/json"
        elif not _has_invalid_items(error, errors):
            yield ".".join(map(str, path)) or str(place), describe(error, model, path)


def _has_invalid_items(error: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    """Whether a list is too short only because its invalid items do not count."""
    path = error["loc"]
    is_containing = any(other["loc"][:-1] == path for other in errors)
    return error["type"] == "too_short" and is_containing


def describe(error: ErrorDetails, model: object, path: Sequence[int | str]) -> str:
    """The message for an error at `path` of `model`; an out-of-range error names both bounds."""
    field = _field(model, path)
    if error["type"] not in OUT_OF_RANGE or field is None:
        return error["msg"].removeprefix("Value error, ")
    return f"{error['input']} is out of range: {_range(field)}"


def _field(model: object, path: Sequence[int | str]) -> FieldInfo | None:
    field: FieldInfo | None = None
    for name in path:
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return None
        field = model.model_fields.get(str(name))
        model = field.annotation if field else None
    return field


def _range(field: FieldInfo) -> str:
    nested = [item for arg in get_args(field.annotation) for item in get_args(arg)[1:]]
    bounds = [bound for item in (*field.metadata, *nested) for bound in _constraints(item)]
    descriptions = [
        *(f"at least {bound.ge}" for bound in bounds if isinstance(bound, Ge)),
        *(f"more than {bound.gt}" for bound in bounds if isinstance(bound, Gt)),
        *(f"at most {bound.le}" for bound in bounds if isinstance(bound, Le)),
        *(f"less than {bound.lt}" for bound in bounds if isinstance(bound, Lt)),
    ]
    return " and ".join(descriptions)


def _constraints(metadata: object) -> Iterable[object]:
    """The constraints of a metadata item, or those in a nested `Field(...)`."""
    return metadata.metadata if isinstance(metadata, FieldInfo) else [metadata]
