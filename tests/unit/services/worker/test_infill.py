"""What a model sees of a piece whose bars are to be written anew in part, and what is kept."""

import pytest

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.tokenizers import infill
from shared.tokenizers.remi import Remi

REMI = Remi.without_pairs()
NOTES = [Note(bar * TICKS_PER_BAR, 480, 60 + bar, 80) for bar in range(6)]


def shown(hidden: list[int], room: int = 1000, notes: list[Note] = NOTES) -> list[int]:
    head = infill.head(REMI, notes, hidden, (REMI.bos,), room)
    assert head[0] == REMI.bos
    assert head[-1] == REMI.sep
    assert head.count(REMI.fill) == len(hidden)
    return list(head[1:-1])


def bar(number: int) -> list[int]:
    return REMI.encode([Note(0, 480, 60 + number, 80)])


def test_each_hidden_bar_is_a_gap_between_the_others() -> None:
    assert shown([1, 4]) == [
        *bar(0),
        REMI.fill,
        *bar(2),
        *bar(3),
        REMI.fill,
        *bar(5),
    ]


@pytest.mark.parametrize("hidden", [[0], [5], [0, 1, 2, 3, 4, 5]])
def test_gaps_may_be_anywhere(hidden: list[int]) -> None:
    expected = [[REMI.fill] if each in hidden else bar(each) for each in range(6)]
    assert shown(hidden) == [token for each in expected for token in each]


def test_bars_without_notes_are_seen_as_rests() -> None:
    notes = [NOTES[0], NOTES[3]]
    assert shown([3], notes=notes) == [*bar(0), REMI.rest, REMI.rest, REMI.fill]


def test_where_there_is_no_room_the_nearest_bars_are_seen() -> None:
    room = 3 + 2 * len(bar(0))
    assert shown([3], room) == [*bar(2), REMI.fill, *bar(4)]


def test_nothing_rings_into_a_hidden_bar() -> None:
    long = Note(0, 3 * TICKS_PER_BAR, 40, 80)
    kept = infill.keep([long, *NOTES], [2])
    assert kept == [long._replace(duration=2 * TICKS_PER_BAR), *NOTES[:2], *NOTES[3:]]
