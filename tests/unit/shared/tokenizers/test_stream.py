"""Notes while they are being written."""

import random

import pytest

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.tokenizers.remi import Remi
from shared.tokenizers.stream import NoteStream, UndecodableTokens
from shared.tokenizers.symbols import BAR, Kind, Symbol
from tests.unit.shared.tokenizers.music import piece, rough

EXPANSIONS = [
    (BAR,),
    (Symbol(Kind.POSITION, 8), Symbol(Kind.PITCH, 60)),
    (Symbol(Kind.VELOCITY, 63),),
    (Symbol(Kind.DURATION, 3840), BAR),
    (Symbol(Kind.SPECIAL, 0),),
]


@pytest.mark.parametrize("seed", range(20))
def test_what_comes_bit_by_bit_is_what_comes_at_once(remi: Remi, seed: int) -> None:
    ids = remi.encode(piece(seed) if seed % 2 else rough(seed))
    stream = NoteStream(remi.expansions, remi.num_bars(ids))
    rng = random.Random(seed)  # noqa: S311 - music, not secrets
    notes, at = [], 0
    while at < len(ids):
        size = rng.randrange(1, 6)
        notes += stream.feed(ids[at : at + size])
        at += size
    assert notes == remi.decode(ids)
    assert len(notes) > 0


def test_no_later_note_comes_into_a_complete_bar(remi: Remi) -> None:
    ids = remi.encode(piece(8))
    stream = NoteStream(remi.expansions, remi.num_bars(ids))
    counts = []
    for token in ids:
        complete = stream.complete_bars
        counts.append(complete)
        assert all(note.start >= complete * TICKS_PER_BAR for note in stream.feed([token]))
    assert counts == sorted(counts)
    assert stream.complete_bars == remi.num_bars(ids) - 1


def test_a_note_ends_with_the_piece() -> None:
    stream = NoteStream(EXPANSIONS, bars=2)
    assert stream.feed([0, 4, 0, 1, 2]) == []
    assert stream.feed([3]) == [Note(TICKS_PER_BAR + 480, TICKS_PER_BAR - 480, 60, 63)]


@pytest.mark.parametrize("ids", [[0, 2, 3], [0, 1, 3], [0, 1, 2, 0, 3], [0, 1, 2, 3, 2, 3]])
def test_a_note_without_all_its_parts_is_refused(ids: list[int]) -> None:
    with pytest.raises(UndecodableTokens):
        NoteStream(EXPANSIONS, bars=9).feed(ids)


def test_bars_in_an_order_of_their_own_stand_in_their_places(remi: Remi) -> None:
    bars = ((0, 2), (1, 2), (2, 1))
    long = [Note(bar * TICKS_PER_BAR, length * TICKS_PER_BAR, 60, 80) for bar, length in bars]
    ids = remi.encode(long)
    stream = remi.stream(9, [2, 3, 7])
    assert stream.complete_bars == 2
    notes = stream.feed(ids)
    assert [(note.start, note.duration) for note in notes] == [
        (2 * TICKS_PER_BAR, 2 * TICKS_PER_BAR),
        (3 * TICKS_PER_BAR, TICKS_PER_BAR),
        (7 * TICKS_PER_BAR, TICKS_PER_BAR),
    ]
    assert stream.complete_bars == 7
