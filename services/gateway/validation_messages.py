"""Describes validation errors: an out-of-range value with the whole valid range.

A request may have as many errors as its body has bytes. At most `MAX_ERRORS` are described, invalid
values are not repeated, and names from the request are shortened: the response is small and cheap.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import get_args

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from shared.errors import InvalidRequest

MAX_ERRORS = 20
MAX_LISTED_BY_PYDANTIC = 1000
"""pydantic lists all errors or none. If there are more than this, only their number is reported."""
MAX_FIELD_LENGTH = 100
MAX_MESSAGE_LENGTH = 300
NO_OBJECT = {"missing", "model_attributes_type", "model_type"}
"""Types of the error if the body is not an object, or its content type is not JSON."""
OUT_OF_RANGE = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}


def invalid_body(error: ValidationError, model: object) -> InvalidRequest:
    """The error for a JSON body that does not match `model`."""
    count = error.error_count()
    if count > MAX_LISTED_BY_PYDANTIC:
        message = f"{count:,} values are not expected or not valid"
        return _invalid_request([("body", message)], 0)
    details = error.errors(include_url=False, include_context=False, include_input=False)
    for entry in details:
        entry["loc"] = ("body", *entry["loc"])
    return invalid_request(details, model)


def invalid_request(errors: Sequence[ErrorDetails], model: object) -> InvalidRequest:
    """The error for a request with these errors; `model` is the schema of its body."""
    described = describe_all(errors, model)
    first = list(islice(described, MAX_ERRORS))
    return _invalid_request(first, sum(1 for _ in described))


def _invalid_request(errors: Sequence[tuple[str, str]], omitted: int) -> InvalidRequest:
    entries = [{"field": field, "message": message} for field, message in errors]
    texts = [f"{field}: {message}" for field, message in errors]
    if omitted:
        texts.append(f"and {omitted:,} more errors")
    return InvalidRequest(
        "; ".join(texts), field=errors[0][0], errors=entries, omitted_errors=omitted
    )


def describe_all(errors: Sequence[ErrorDetails], model: object) -> Iterator[tuple[str, str]]:
    """The field and the message of each error in a request; `model` is the schema of its body."""
    for error in errors:
        place, *path = error["loc"]
        if error["type"] == "json_invalid":
            yield str(place), _shorten(error["msg"], MAX_MESSAGE_LENGTH)
        elif place == "body" and not path and error["type"] in NO_OBJECT:
            yield str(place), "send a JSON object, with the header Content-Type: application/json"
        elif not _has_invalid_items(error, errors):
            field = ".".join(map(str, path)) or str(place)
            yield _shorten(field, MAX_FIELD_LENGTH), describe(error, model, path)


def _has_invalid_items(error: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    """Whether a list is too short only because its invalid items do not count."""
    path = error["loc"]
    return error["type"] == "too_short" and any(other["loc"][:-1] == path for other in errors)


def describe(error: ErrorDetails, model: object, path: Sequence[int | str]) -> str:
    """The message for an error at `path` of `model`; an out-of-range error names both bounds."""
    field = _field(model, path)
    if error["type"] not in OUT_OF_RANGE or field is None:
        return _shorten(error["msg"].removeprefix("Value error, "), MAX_MESSAGE_LENGTH)
    return f"must be {_range(field)}"


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 3]}..."


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
