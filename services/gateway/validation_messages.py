"""What a field may be, in words, read off the schema that refuses everything else."""

from collections.abc import Iterable, Sequence
from typing import get_args

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

OUT_OF_RANGE = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}


def message(error: ErrorDetails, model: object, path: Sequence[int | str]) -> str:
    """What is wrong with the field at `path` in `model`; its whole range if it is outside of it."""
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
    inside = [hint for each in get_args(field.annotation) for hint in get_args(each)[1:]]
    bounds = [bound for hint in (*field.metadata, *inside) for bound in _unpacked(hint)]
    words = [
        *(f"at least {bound.ge}" for bound in bounds if isinstance(bound, Ge)),
        *(f"more than {bound.gt}" for bound in bounds if isinstance(bound, Gt)),
        *(f"at most {bound.le}" for bound in bounds if isinstance(bound, Le)),
        *(f"less than {bound.lt}" for bound in bounds if isinstance(bound, Lt)),
    ]
    return " and ".join(words)


def _unpacked(hint: object) -> Iterable[object]:
    """A `Field(...)` inside an `X | None` carries its bounds as a field of its own."""
    return hint.metadata if isinstance(hint, FieldInfo) else [hint]
