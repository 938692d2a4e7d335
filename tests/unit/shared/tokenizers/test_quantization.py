"""Tests of quantization and of the words of bars."""

import numpy as np
import pytest

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.tokenizers.quantization import Quantizer
from shared.tokenizers.symbols import BAR, Symbol, SymbolKind
from tests.support.music.random_pieces import random_piece, unquantized_piece

VELOCITIES, DURATIONS = (31, 63, 127), (60, 120, 480, 3840)
SYMBOLS = [
    BAR,
    *(Symbol(SymbolKind.POSITION, position) for position in range(32)),
    *(Symbol(SymbolKind.PITCH, pitch) for pitch in range(21, 109)),
    *(Symbol(SymbolKind.VELOCITY, velocity) for velocity in VELOCITIES),
    *(Symbol(SymbolKind.DURATION, duration) for duration in DURATIONS),
]
CHARACTERS = {symbol: chr(100 + index) for index, symbol in enumerate(SYMBOLS)}
SYMBOL_BY_CHARACTER = {character: symbol for symbol, character in CHARACTERS.items()}
QUANTIZER = Quantizer(CHARACTERS)


def quantize(notes: list[Note]) -> list[Note]:
    return [Note(*row) for row in QUANTIZER.quantize(notes).tolist()]


def bars(notes: list[Note]) -> list[list[Symbol]]:
    return [
        [SYMBOL_BY_CHARACTER[character] for character in word] for word in QUANTIZER.words(notes)
    ]


def test_a_note_moves_to_the_nearest_values() -> None:
    assert quantize([Note(29, 100, 60, 50)]) == [Note(0, 120, 60, 63)]
    assert quantize([Note(30, 9999, 60, 1)]) == [Note(60, 3840, 60, 31)]


def test_no_start_moves_by_more_than_half_a_position() -> None:
    notes = [note for note in unquantized_piece(4) if 21 <= note.pitch <= 108]
    moved = {(note.start, note.pitch) for note in quantize(notes)}
    for note in notes:
        assert any(pitch == note.pitch and abs(start - note.start) <= 30 for start, pitch in moved)


def test_pitches_outside_a_piano_are_dropped() -> None:
    assert quantize([Note(0, 60, 20, 64), Note(0, 60, 109, 64)]) == []


def test_of_duplicate_notes_the_longest_is_kept_then_the_loudest() -> None:
    notes = [Note(0, 120, 60, 127), Note(5, 480, 60, 31), Note(0, 480, 60, 63)]
    assert quantize(notes) == [Note(0, 480, 60, 63)]


def test_bars_continue_until_the_last_note_has_ended() -> None:
    note = Note(TICKS_PER_BAR - 60, 480, 60, 63)
    assert bars([note]) == [
        [
            BAR,
            Symbol(SymbolKind.POSITION, 31),
            Symbol(SymbolKind.PITCH, 60),
            Symbol(SymbolKind.VELOCITY, 63),
            Symbol(SymbolKind.DURATION, 480),
        ],
        [BAR],
    ]
    assert bars([]) == []


def test_a_chord_has_one_position_and_ascending_pitches() -> None:
    (bar,) = bars([Note(0, 60, 67, 63), Note(0, 60, 60, 63)])
    kinds = [symbol.kind for symbol in bar]
    assert kinds.count(SymbolKind.POSITION) == 1
    assert [symbol.value for symbol in bar if symbol.kind is SymbolKind.PITCH] == [60, 67]


@pytest.mark.parametrize("seed", range(20))
def test_words_equal_a_simple_reference_loop(seed: int) -> None:
    notes = unquantized_piece(seed) if seed % 2 else random_piece(seed)
    expected: list[list[Symbol]] = []
    before = -1
    quantized = quantize(notes)
    end = max(note.start + note.duration for note in quantized)
    for note in quantized:
        bar, ticks = divmod(note.start, TICKS_PER_BAR)
        while len(expected) <= bar:
            expected.append([BAR])
        if note.start != before:
            expected[bar].append(Symbol(SymbolKind.POSITION, ticks // 60))
            before = note.start
        expected[bar] += [
            Symbol(SymbolKind.PITCH, note.pitch),
            Symbol(SymbolKind.VELOCITY, note.velocity),
            Symbol(SymbolKind.DURATION, note.duration),
        ]
    while len(expected) * TICKS_PER_BAR < end:
        expected.append([BAR])
    assert bars(notes) == expected


def test_notes_may_be_an_array() -> None:
    notes = unquantized_piece(3)
    assert QUANTIZER.words(np.array(notes, dtype=np.int32)) == QUANTIZER.words(notes)
