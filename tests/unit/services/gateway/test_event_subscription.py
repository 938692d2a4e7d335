"""Positions in an event stream, as text."""

import pytest

from services.gateway.event_subscription import Position
from shared.errors import InvalidRequest


def test_a_formatted_position_can_be_parsed() -> None:
    assert Position.parse(str(Position("abc", 7))) == Position("abc", 7)


@pytest.mark.parametrize(
    "text", ["", "7", "abc:", ":7", "abc:x", "abc:-1", "abc:²", "abc:" + 19 * "9"]
)
def test_other_texts_are_rejected(text: str) -> None:
    with pytest.raises(InvalidRequest):
        Position.parse(text)
