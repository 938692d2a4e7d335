"""Notes on the grid, and how a bar is spelt."""

import numpy as np
import pytest

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.tokenizers.grid import Grid
from shared.tokenizers.symbols import BAR, Kind, Symbol
from tests.unit.shared.tokenizers.music import piece, rough

VELOCITIES, DURATIONS = (31, 63, 127), (60, 120, 480, 3840)
SYMBOLS = [
    BAR,
    *(Symbol(Kind.POSITION, position) for position in range(32)),
    *(Symbol(Kind.PITCH, pitch) for pitch in range(21, 109)),
    *(Symbol(Kind.VELOCITY, velocity) for velocity in VELOCITIES),
    *(Symbol(Kind.DURATION, duration) for duration in DURATIONS),
]
CHARACTERS = {symbol: chr(100 + at) for at, symbol in enumerate(SYMBOLS)}
MEANINGS = {character: symbol for symbol, character in CHARACTERS.items()}
GRID = Grid(CHARACTERS)


def quantise(notes: list[Note]) -> list[Note]:
    return [Note(*row) for row in GRID.quantise(notes).tolist()]


def bars(notes: list[Note]) -> list[list[Symbol]]:
    return [[MEANINGS[character] for character in word] for word in GRID.words(notes)]


def test_a_note_goes_to_the_nearest_place_on_the_grid() -> None:
    assert quantise([Note(29, 100, 60, 50)]) == [Note(0, 120, 60, 63)]
    assert quantise([Note(30, 9999, 60, 1)]) == [Note(60, 3840, 60, 31)]


def test_no_start_moves_by_more_than_half_a_position() -> None:
    notes = [note for note in rough(4) if 21 <= note.pitch <= 108]
    moved = {(note.start, note.pitch) for note in quantise(notes)}
    for note in notes:
        assert any(pitch == note.pitch and abs(start - note.start) <= 30 for start, pitch in moved)


def test_what_no_piano_has_is_left_out() -> None:
    assert quantise([Note(0, 60, 20, 64), Note(0, 60, 109, 64)]) == []


def test_of_two_notes_on_one_key_the_longest_stays_then_the_loudest() -> None:
    notes = [Note(0, 120, 60, 127), Note(5, 480, 60, 31), Note(0, 480, 60, 63)]
    assert quantise(notes) == [Note(0, 480, 60, 63)]


def test_bars_go_on_until_the_last_note_has_ended() -> None:
    note = Note(TICKS_PER_BAR - 60, 480, 60, 63)
    assert bars([note]) == [
        [
            BAR,
            Symbol(Kind.POSITION, 31),
            Symbol(Kind.PITCH, 60),
            Symbol(Kind.VELOCITY, 63),
            Symbol(Kind.DURATION, 480),
        ],
        [BAR],
    ]
    assert bars([]) == []


def test_a_chord_has_one_position_and_rises() -> None:
    (bar,) = bars([Note(0, 60, 67, 63), Note(0, 60, 60, 63)])
    kinds = [symbol.kind for symbol in bar]
    assert kinds.count(Kind.POSITION) == 1
    assert [symbol.value for symbol in bar if symbol.kind is Kind.PITCH] == [60, 67]


@pytest.mark.parametrize("seed", range(20))
def test_a_piece_is_spelt_note_by_note(seed: int) -> None:
    """The same by the plainest loop."""
    notes = rough(seed) if seed % 2 else piece(seed)
    expected: list[list[Symbol]] = []
    before = -1
    quantised = quantise(notes)
    end = max(note.start + note.duration for note in quantised)
    for note in quantised:
        bar, ticks = divmod(note.start, TICKS_PER_BAR)
        while len(expected) <= bar:
            expected.append([BAR])
        if note.start != before:
            expected[bar].append(Symbol(Kind.POSITION, ticks // 60))
            before = note.start
        expected[bar] += [
            Symbol(Kind.PITCH, note.pitch),
            Symbol(Kind.VELOCITY, note.velocity),
            Symbol(Kind.DURATION, note.duration),
        ]
    while len(expected) * TICKS_PER_BAR < end:
        expected.append([BAR])
    assert bars(notes) == expected


def test_rows_of_an_array_are_notes_too() -> None:
    notes = rough(3)
    assert GRID.words(np.array(notes, dtype=np.int32)) == GRID.words(notes)
