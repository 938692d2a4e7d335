"""Tests of the error classes: codes, statuses, and the tree in the docstring."""

import re

import pytest

from shared import errors
from shared.errors import NotFound, OstinatoError, Unavailable, UserError

CLASSES = [member for member in vars(errors).values() if isinstance(member, type)]
ERRORS = [cls for cls in CLASSES if issubclass(cls, OstinatoError)]


def test_the_tree_in_the_docstring_has_every_class_and_its_status() -> None:
    drawn = re.findall(r"[+`]-- (\w+)(?: +(\d{3}))?", errors.__doc__ or "")
    assert {name for name, _ in drawn} == {error.__name__ for error in ERRORS} - {"OstinatoError"}
    statuses = {error.__name__: error.status for error in ERRORS}
    assert all(statuses[name] == int(status) for name, status in drawn if status)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_user_errors_are_4xx_and_the_others_5xx(error: type[OstinatoError]) -> None:
    assert (400 <= error.status < 500) is issubclass(error, UserError)


def test_errors_say_what_is_wrong_and_what_to_do() -> None:
    assert "'x'" in NotFound("job", "x").detail
    assert "try again in 2 s" in Unavailable("Redis").detail
