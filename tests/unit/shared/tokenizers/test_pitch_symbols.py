"""Tests of the pitch and chord tokenizer."""

import doctest
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from music21.chord import Chord as Music21Chord

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.models.decoding import DecodingState
from shared.models.grammar import GrammarMask
from shared.models.sampling_params import GenerationSpec
from shared.tokenizers import pitch_symbols
from shared.tokenizers.pitch_symbols import (
    MIN_CHORD_COUNT,
    PitchSymbolTokenizer,
    chord_name,
    chords,
    voicing,
)
from shared.tokenizers.tokenizer import load_tokenizer
from tests.support.music.random_pieces import random_piece, unquantized_piece

PIECES = [random_piece(seed) for seed in range(40)]


@pytest.fixture(scope="module")
def tokenizer() -> PitchSymbolTokenizer:
    return PitchSymbolTokenizer.train(PIECES)


def test_the_examples_in_the_docstring() -> None:
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
def test_symbols_are_named_as_in_music21(chord: tuple[int, ...], name: str) -> None:
    assert chord_name(chord) == name


def test_music21_does_not_search_for_enharmonics(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search takes a hundred times as long and does not change pitch classes."""
    selected = [(60, 61, 63, 66), (60, 62, 64, 66, 68, 70), (59, 60, 61, 64, 66, 67, 69)]
    names = [".".join(map(str, Music21Chord(list(chord)).normalOrder)) for chord in selected]
    monkeypatch.setattr(
        Music21Chord, "simplifyEnharmonics", lambda *_, **__: pytest.fail("searched")
    )
    pitch_symbols._name.cache_clear()
    assert [chord_name(chord) for chord in selected] == names


@given(st.sets(st.integers(0, 11), min_size=1))
@settings(deadline=None)
def test_a_voicing_has_the_pitch_classes_of_its_chord(classes: set[int]) -> None:
    doubled = [72 + min(classes), *(60 + pitch for pitch in classes)]
    name = chord_name(tuple(sorted(doubled)))
    order = tuple(map(int, name.split(".")))
    pitches = voicing(order)
    assert {pitch % 12 for pitch in pitches} == classes
    assert list(pitches) == sorted(set(pitches))
    assert 60 <= pitches[0] < 72


def test_the_vocabulary_has_every_key_and_every_frequent_chord(
    tokenizer: PitchSymbolTokenizer,
) -> None:
    decoded = [note.pitch for note in tokenizer.decode(range(3, 3 + 88))]
    assert decoded == list(range(21, 109))
    names = [chord_name(chord) for notes in PIECES for chord in chords(notes) if len(chord) > 1]
    frequent = {name for name in names if names.count(name) >= MIN_CHORD_COUNT}
    assert tokenizer.vocab_size == 3 + 88 + len(frequent)


def test_a_chord_outside_the_vocabulary_loses_its_lowest_pitches(
    tokenizer: PitchSymbolTokenizer,
) -> None:
    cluster = [Note(0, 240, pitch, 80) for pitch in (60, 61, 62, 63, 64, 65, 66, 90)]
    (token,) = tokenizer.encode(cluster)
    assert [note.pitch for note in tokenizer.decode([token])] == [90]


def test_notes_that_start_together_on_the_grid_are_one_symbol() -> None:
    notes = [Note(29, 9, 64, 80), Note(0, 480, 60, 80), Note(31, 9, 67, 80), Note(0, 1, 10, 80)]
    assert chords(notes) == [(60, 64), (67,)]
    assert chords(np.zeros((0, 4), dtype=np.int64)) == []


def test_a_symbol_lasts_an_eighth_note_and_eight_are_a_bar(tokenizer: PitchSymbolTokenizer) -> None:
    ids = tokenizer.encode(PIECES[0])[:16]
    notes = tokenizer.decode(ids)
    assert tokenizer.num_bars(ids) == 2
    assert {note.duration for note in notes} == {TICKS_PER_BAR // 8}
    assert {note.start for note in notes} == set(range(0, 2 * TICKS_PER_BAR, TICKS_PER_BAR // 8))
    decoder = tokenizer.incremental_decoder(2)
    assert [note for token in ids for note in decoder.feed([token])] == notes
    assert decoder.complete_bars == 2
    copied = decoder.copy()
    copied.feed(ids[:8])
    assert (decoder.complete_bars, copied.complete_bars) == (2, 3)


@pytest.mark.parametrize("seed", range(5))
def test_every_start_is_one_symbol_with_its_highest_pitch(
    tokenizer: PitchSymbolTokenizer, seed: int
) -> None:
    notes = unquantized_piece(seed)
    assert len(tokenizer.encode(notes)) == len(chords(notes))
    highest = [max(chord) % 12 for chord in chords(notes)]
    decoded = [
        {note.pitch % 12 for note in tokenizer.decode([token])} for token in tokenizer.encode(notes)
    ]
    assert all(top in pitches for top, pitches in zip(highest, decoded, strict=True))


@pytest.mark.parametrize("bars", [1, 3, 8])
def test_sampled_tokens_have_the_requested_bars_of_eight(
    tokenizer: PitchSymbolTokenizer, bars: int
) -> None:
    torch.manual_seed(bars)
    grammar = tokenizer.grammar()
    mask = GrammarMask(grammar, torch.device("cpu"))
    for _ in range(20):
        spec = GenerationSpec(pinned_prefix=(tokenizer.bos,), bars=bars, seed=0)
        sequence = DecodingState(spec, grammar, context=100_000)
        while not sequence.finished:
            state, phase = torch.tensor([sequence.state]), torch.tensor([sequence.phase])
            logits = torch.randn(1, tokenizer.vocab_size) * 4
            sequence.accept(int(mask.apply(logits, state, phase).argmax()))
        ids = sequence.context_window[1:]
        assert len(ids) == 8 * bars
        assert min(ids) >= 3, "no special token"


def test_eos_is_legal_on_a_bar_line_only(tokenizer: PitchSymbolTokenizer) -> None:
    next_state = tokenizer.grammar().next_state
    ends = [state for state in range(len(next_state)) if next_state[state, tokenizer.eos] >= 0]
    assert ends == [1]


def test_its_file_loads_as_the_same_kind_of_tokenizer(
    tokenizer: PitchSymbolTokenizer, tmp_path: Path
) -> None:
    tokenizer.save(tmp_path)
    loaded = load_tokenizer(tmp_path)
    assert isinstance(loaded, PitchSymbolTokenizer)
    assert loaded.encode(PIECES[1]) == tokenizer.encode(PIECES[1])
    assert loaded.decode(range(3, loaded.vocab_size)) == tokenizer.decode(
        range(3, tokenizer.vocab_size)
    )
