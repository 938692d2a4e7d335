"""Symbols, and notes on their grid."""

import pytest

from shared.schemas.notes import TICKS_PER_BAR, Note
from shared.tokenizers.symbols import BAR, Grid, Kind, Symbol, parse_symbol
from tests.unit.shared.tokenizers.music import rough

VELOCITIES, DURATIONS = (31, 63, 127), (60, 120, 480, 3840)
GRID = Grid(
    [
        *(Symbol(Kind.VELOCITY, velocity) for velocity in VELOCITIES),
        *(Symbol(Kind.DURATION, duration) for duration in DURATIONS),
    ]
)


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("Bar_None", BAR),
        ("Position_31", Symbol(Kind.POSITION, 31)),
        ("Pitch_60", Symbol(Kind.PITCH, 60)),
        ("Velocity_127", Symbol(Kind.VELOCITY, 127)),
        ("Duration_0.1.8", Symbol(Kind.DURATION, 60)),
        ("Duration_4.3.4", Symbol(Kind.DURATION, 4 * 480 + 3 * 120)),
        ("BOS_None", Symbol(Kind.SPECIAL, 0)),
        ("Control_3", Symbol(Kind.SPECIAL, 0)),
    ],
)
def test_a_name_of_miditok_is_read(name: str, symbol: Symbol) -> None:
    assert parse_symbol(name) == symbol


def test_a_note_goes_to_the_nearest_place_on_the_grid() -> None:
    assert GRID.quantise([Note(29, 100, 60, 50)]) == [Note(0, 120, 60, 63)]
    assert GRID.quantise([Note(30, 9999, 60, 1)]) == [Note(60, 3840, 60, 31)]


def test_no_start_moves_by_more_than_half_a_position() -> None:
    notes = [note for note in rough(4) if 21 <= note.pitch <= 108]
    moved = {(note.start, note.pitch) for note in GRID.quantise(notes)}
    for note in notes:
        assert any(pitch == note.pitch and abs(start - note.start) <= 30 for start, pitch in moved)


def test_what_no_piano_has_is_left_out() -> None:
    assert GRID.quantise([Note(0, 60, 20, 64), Note(0, 60, 109, 64)]) == []


def test_of_two_notes_on_one_key_the_longest_stays_then_the_loudest() -> None:
    notes = [Note(0, 120, 60, 127), Note(5, 480, 60, 31), Note(0, 480, 60, 63)]
    assert GRID.quantise(notes) == [Note(0, 480, 60, 63)]


def test_bars_go_on_until_the_last_note_has_ended() -> None:
    note = Note(TICKS_PER_BAR - 60, 480, 60, 63)
    assert GRID.bars([note]) == [
        [
            BAR,
            Symbol(Kind.POSITION, 31),
            Symbol(Kind.PITCH, 60),
            Symbol(Kind.VELOCITY, 63),
            Symbol(Kind.DURATION, 480),
        ],
        [BAR],
    ]
    assert GRID.bars([]) == []


def test_a_chord_has_one_position_and_rises() -> None:
    (bar,) = GRID.bars([Note(0, 60, 67, 63), Note(0, 60, 60, 63)])
    kinds = [symbol.kind for symbol in bar]
    assert kinds.count(Kind.POSITION) == 1
    assert [symbol.value for symbol in bar if symbol.kind is Kind.PITCH] == [60, 67]
