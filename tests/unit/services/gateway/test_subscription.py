"""Where a subscriber stands, as text."""

import pytest

from services.gateway.event_subscription import Position
from shared.errors import InvalidRequest


def test_a_position_is_read_as_it_is_written() -> None:
    assert Position.parse(str(Position("abc", 7))) == Position("abc", 7)


@pytest.mark.parametrize(
    "text", ["", "7", "abc:", ":7", "abc:x", "abc:-1", "abc:²", "abc:" + 19 * "9"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        Position.parse(text)
