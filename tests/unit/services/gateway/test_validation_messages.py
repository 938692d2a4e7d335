"""The error message for a value out of range names the whole valid range."""

from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from services.gateway import validation_messages


class Inner(BaseModel):
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5


class Outer(BaseModel):
    bars: Annotated[int, Field(ge=1, le=8)] = 1
    seed: Annotated[int, Field(ge=0)] | None = None
    inner: Inner = Inner()
    names: list[Annotated[int, Field(le=3)]] = []


def message(**fields: object) -> str:
    try:
        Outer.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        return validation_messages.describe(first, Outer, first["loc"])
    raise AssertionError(fields)


def test_both_bounds_are_named_if_one_is_exceeded() -> None:
    assert message(bars=0) == "0 is out of range: at least 1 and at most 8"
    assert message(bars=9) == "9 is out of range: at least 1 and at most 8"


def test_bounds_of_nested_and_optional_fields_are_found() -> None:
    assert message(inner={"share": 1}) == "1 is out of range: more than 0 and less than 1"
    assert message(seed=-1) == "-1 is out of range: at least 0"


def test_other_errors_keep_the_message_of_pydantic() -> None:
    assert "valid integer" in message(bars="x")
    assert "less than or equal to 3" in message(names=[4])
