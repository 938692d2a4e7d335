"""Every error has a code and a status of its own, and the tree in the docstring is the real one."""

import re

import pytest

from shared import errors
from shared.errors import NotFound, OstinatoError, Unavailable, UserError

CLASSES = [each for each in vars(errors).values() if isinstance(each, type)]
OURS = [each for each in CLASSES if issubclass(each, OstinatoError)]


def test_the_tree_in_the_docstring_names_every_class_with_its_status() -> None:
    drawn = re.findall(r"[+`]-- (\w+)(?: +(\d{3}))?", errors.__doc__ or "")
    assert {name for name, _ in drawn} == {each.__name__ for each in OURS} - {"OstinatoError"}
    statuses = {each.__name__: each.status for each in OURS}
    assert all(statuses[name] == int(status) for name, status in drawn if status)


@pytest.mark.parametrize("error", OURS, ids=lambda error: error.__name__)
def test_what_the_user_can_mend_is_4xx_and_the_rest_5xx(error: type[OstinatoError]) -> None:
    assert (400 <= error.status < 500) is issubclass(error, UserError)


def test_errors_say_what_and_what_to_do() -> None:
    assert "'x'" in NotFound("job", "x").detail
    assert "try again in 2 s" in Unavailable("Redis").detail
