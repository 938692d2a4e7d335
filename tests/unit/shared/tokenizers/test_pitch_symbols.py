"""Pitch and chord symbols: what they are called, and that eight are a bar."""

import doctest
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from music21.chord import Chord as Music21Chord

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.models.decoding import Piece
from shared.models.grammar import LegalTable
from shared.models.sampling_params import SampleRequest
from shared.tokenizers import pitch_symbols
from shared.tokenizers.pitch_symbols import FEWEST, PitchSymbols, chords, spell, voice
from shared.tokenizers.vocabulary import load_vocabulary
from tests.unit.shared.tokenizers.music import piece, rough

PIECES = [piece(seed) for seed in range(40)]


@pytest.fixture(scope="module")
def symbols() -> PitchSymbols:
    return PitchSymbols.train(PIECES)


def test_the_module_says_what_a_symbol_is() -> None:
    assert doctest.testmod(pitch_symbols).failed == 0
    assert doctest.testmod(pitch_symbols).attempted > 1


@pytest.mark.parametrize(
    ("chord", "name"),
    [
        ((61,), "C#4"),
        ((58,), "B-3"),
        ((21,), "A0"),
        ((48, 60), "0"),
        ((60, 63, 66), "0.3.6"),
        ((62, 65, 69, 72), "9.0.2.5"),
    ],
)
def test_names_are_those_of_music21(chord: tuple[int, ...], name: str) -> None:
    assert spell(chord) == name


def test_no_chord_is_searched_for_its_enharmonics(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which takes music21 a hundred times as long, and changes no pitch class."""
    chosen = [(60, 61, 63, 66), (60, 62, 64, 66, 68, 70), (59, 60, 61, 64, 66, 67, 69)]
    names = [".".join(map(str, Music21Chord(list(chord)).normalOrder)) for chord in chosen]
    monkeypatch.setattr(
        Music21Chord, "simplifyEnharmonics", lambda *_, **__: pytest.fail("searched")
    )
    pitch_symbols._spell.cache_clear()
    assert [spell(chord) for chord in chosen] == names


@given(st.sets(st.integers(0, 11), min_size=1))
@settings(deadline=None)
def test_a_voiced_chord_is_spelt_as_the_chord_that_it_voices(classes: set[int]) -> None:
    doubled = [72 + min(classes), *(60 + pitch for pitch in classes)]
    name = spell(tuple(sorted(doubled)))
    order = tuple(map(int, name.split(".")))
    pitches = voice(order)
    assert {pitch % 12 for pitch in pitches} == classes
    assert list(pitches) == sorted(set(pitches))
    assert 60 <= pitches[0] < 72


def test_every_key_of_the_piano_is_a_symbol_and_every_frequent_chord(symbols: PitchSymbols) -> None:
    decoded = [note.pitch for note in symbols.decode(range(3, 3 + 88))]
    assert decoded == list(range(21, 109))
    names = [spell(chord) for notes in PIECES for chord in chords(notes) if len(chord) > 1]
    frequent = {name for name in names if names.count(name) >= FEWEST}
    assert symbols.vocab_size == 3 + 88 + len(frequent)


def test_a_chord_that_is_no_symbol_loses_its_lowest_pitches(symbols: PitchSymbols) -> None:
    cluster = [Note(0, 240, pitch, 80) for pitch in (60, 61, 62, 63, 64, 65, 66, 90)]
    (token,) = symbols.encode(cluster)
    assert [note.pitch for note in symbols.decode([token])] == [90]


def test_what_begins_together_on_the_grid_is_one_symbol() -> None:
    notes = [Note(29, 9, 64, 80), Note(0, 480, 60, 80), Note(31, 9, 67, 80), Note(0, 1, 10, 80)]
    assert chords(notes) == [(60, 64), (67,)]
    assert chords(np.zeros((0, 4), dtype=np.int64)) == []


def test_a_symbol_lasts_an_eighth_and_eight_are_a_bar(symbols: PitchSymbols) -> None:
    ids = symbols.encode(PIECES[0])[:16]
    notes = symbols.decode(ids)
    assert symbols.num_bars(ids) == 2
    assert {note.duration for note in notes} == {TICKS_PER_BAR // 8}
    assert {note.start for note in notes} == set(range(0, 2 * TICKS_PER_BAR, TICKS_PER_BAR // 8))
    stream = symbols.stream(2)
    heard = [(note, stream.complete_bars) for token in ids for note in stream.feed([token])]
    assert [note for note, _ in heard] == notes
    assert stream.complete_bars == 2
    fork = stream.fork()
    fork.feed(ids[:8])
    assert (stream.complete_bars, fork.complete_bars) == (2, 3)


@pytest.mark.parametrize("seed", range(5))
def test_every_onset_is_a_symbol_in_order(symbols: PitchSymbols, seed: int) -> None:
    notes = rough(seed)
    assert len(symbols.encode(notes)) == len(chords(notes))
    melody = [max(chord) % 12 for chord in chords(notes)]
    decoded = [
        {note.pitch % 12 for note in symbols.decode([token])} for token in symbols.encode(notes)
    ]
    assert all(top in heard for top, heard in zip(melody, decoded, strict=True))


@pytest.mark.parametrize("bars", [1, 3, 8])
def test_whatever_is_drawn_has_the_asked_bars_of_eight(symbols: PitchSymbols, bars: int) -> None:
    torch.manual_seed(bars)
    grammar = symbols.grammar()
    legal = LegalTable(grammar, torch.device("cpu"))
    for _ in range(20):
        request = SampleRequest(head=(symbols.bos,), bars=bars, seed=0)
        written = Piece(request, grammar, context=100_000)
        while not written.finished:
            state, stage = torch.tensor([written.state]), torch.tensor([written.stage])
            logits = torch.randn(1, symbols.vocab_size) * 4
            written.accept(int(legal.apply(logits, state, stage).argmax()))
        ids = written.window[1:]
        assert len(ids) == 8 * bars
        assert min(ids) >= 3, "nothing but music"


def test_the_end_may_come_on_a_bar_line_only(symbols: PitchSymbols) -> None:
    next_state = symbols.grammar().next_state
    ends = [state for state in range(len(next_state)) if next_state[state, symbols.eos] >= 0]
    assert ends == [1]


def test_a_saved_vocabulary_is_found_by_what_its_file_says(
    symbols: PitchSymbols, tmp_path: Path
) -> None:
    symbols.save(tmp_path)
    loaded = load_vocabulary(tmp_path)
    assert isinstance(loaded, PitchSymbols)
    assert loaded.encode(PIECES[1]) == symbols.encode(PIECES[1])
    assert loaded.decode(range(3, loaded.vocab_size)) == symbols.decode(
        range(3, symbols.vocab_size)
    )
