"""Tests of the REMI tokenizer: training, round trips, compatibility with MidiTok."""

from pathlib import Path

import miditok
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from symusic.core import NoteTick, ScoreTick, TrackTick

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.tokenizers.remi import CONTROL_TOKENS, RemiTokenizer
from shared.tokenizers.symbols import SymbolKind
from tests.conftest import ROOT
from tests.support.music.random_pieces import random_piece, unquantized_piece

NOTES = st.builds(
    Note,
    start=st.integers(0, 20 * TICKS_PER_BAR),
    duration=st.integers(1, 3840),
    pitch=st.integers(21, 108),
    velocity=st.integers(1, 127),
)


def test_it_has_the_requested_size_and_pairs_shorten_sequences(remi: RemiTokenizer) -> None:
    assert remi.vocab_size == 512
    notes = random_piece(1000)
    symbols = sum(len(remi.token_symbols[token]) for token in remi.encode(notes))
    assert len(remi.encode(notes)) < 0.7 * symbols


def test_special_tokens_come_first_and_are_not_music(remi: RemiTokenizer) -> None:
    specials = [remi.pad, remi.bos, remi.eos, remi.fill, remi.sep, *remi.control_tokens.values()]
    assert specials == list(range(5 + len(CONTROL_TOKENS)))
    assert tuple(remi.control_tokens) == CONTROL_TOKENS
    kinds = {symbol.kind for token in specials for symbol in remi.token_symbols[token]}
    assert kinds == {SymbolKind.SPECIAL}


def test_a_vocabulary_too_small_for_pairs_is_rejected() -> None:
    with pytest.raises(ValueError, match="vocab_size"):
        RemiTokenizer.train([random_piece(0)], vocab_size=100)


def test_training_is_deterministic(remi: RemiTokenizer) -> None:
    again = RemiTokenizer.train([random_piece(seed) for seed in range(60)], vocab_size=512)
    assert again.token_symbols == remi.token_symbols


@given(st.lists(NOTES, max_size=40))
@settings(deadline=None, max_examples=100)
def test_every_note_round_trips_up_to_quantization(remi: RemiTokenizer, notes: list[Note]) -> None:
    decoded = {(note.start, note.pitch): note for note in remi.decode(remi.encode(notes))}
    for note in notes:
        start = (note.start + 30) // 60 * 60
        found = decoded[start, note.pitch]
        same_start = [other for other in notes if (other.start + 30) // 60 * 60 == start]
        longest = max(other.duration for other in same_start if other.pitch == note.pitch)
        assert abs(found.duration - longest) <= 60
        assert any(abs(found.velocity - other.velocity) <= 8 for other in same_start)


@pytest.mark.parametrize("seed", range(5))
def test_decoded_notes_encode_to_the_same_ids(remi: RemiTokenizer, seed: int) -> None:
    ids = remi.encode(unquantized_piece(seed))
    assert remi.encode(remi.decode(ids)) == ids


def test_no_notes_give_no_ids(remi: RemiTokenizer) -> None:
    assert remi.encode([]) == []
    assert remi.decode([]) == []


def test_it_round_trips_through_its_file(remi: RemiTokenizer, tmp_path: Path) -> None:
    remi.save(tmp_path)
    loaded = RemiTokenizer.load(tmp_path)
    assert loaded.token_symbols == remi.token_symbols
    assert loaded.encode(random_piece(3)) == remi.encode(random_piece(3))


@pytest.mark.parametrize("seed", range(100, 110))
def test_miditok_loads_the_file_and_encodes_the_same_ids(
    remi: RemiTokenizer, tmp_path: Path, seed: int
) -> None:
    remi.save(tmp_path)
    assert_miditok_encodes_alike(tmp_path, random_piece(seed))


@pytest.mark.parametrize("version", ["mini", "v7", "v8"])
def test_miditok_encodes_to_the_same_ids_with_the_file_of_a_checkpoint(version: str) -> None:
    assert_miditok_encodes_alike(ROOT / "checkpoints" / version, random_piece(100))


def assert_miditok_encodes_alike(folder: Path, notes: list[Note]) -> None:
    reference = miditok.REMI(params=folder / "tokenizer.json")
    score = ScoreTick(480)
    score.tracks.append(TrackTick())
    for note in notes:
        score.tracks[0].notes.append(NoteTick(*note))
    (expected,) = reference.encode(score)
    remi = RemiTokenizer.load(folder)
    ids = remi.encode(notes)
    assert ids[: len(expected.ids)] == expected.ids
    rest = {remi.token_symbols[token] for token in ids[len(expected.ids) :]}
    assert rest <= {((SymbolKind.BAR, 0),)}, "only bar lines until the last note has ended"


@pytest.mark.parametrize("seed", range(100, 105))
def test_miditok_decodes_the_ids_to_the_same_notes(
    remi: RemiTokenizer, tmp_path: Path, seed: int
) -> None:
    remi.save(tmp_path)
    reference = miditok.REMI(params=tmp_path / "tokenizer.json")
    ids = remi.encode(random_piece(seed))
    score = reference.decode([ids]).resample(480, min_dur=1)
    notes = [
        Note(note.start, note.duration, note.pitch, note.velocity) for note in score.tracks[0].notes
    ]
    assert sorted(notes, key=lambda note: (note.start, note.pitch)) == remi.decode(ids)


def test_without_bpe_a_token_is_a_symbol(tmp_path: Path) -> None:
    remi = RemiTokenizer.without_bpe()
    notes = random_piece(3)
    encoded = [remi.token_symbols[token] for token in remi.encode(notes)]
    assert {len(symbols) for symbols in encoded} == {1}
    remi.save(tmp_path)
    reference = miditok.REMI(params=tmp_path / "tokenizer.json")
    assert remi.encode(notes) == RemiTokenizer(reference).encode(notes)
    assert remi.decode(remi.encode(notes)) == RemiTokenizer.load(tmp_path).decode(
        remi.encode(notes)
    )


def test_an_old_vocabulary_has_no_control_tokens() -> None:
    """The checkpoint `mini` was trained before the control tokens had names."""
    old = RemiTokenizer.load(ROOT / "checkpoints" / "mini")
    assert old.control_tokens == {}
    assert old.decode(old.encode(random_piece(3)))


def test_opens_bar_is_true_for_tokens_that_begin_with_a_bar_line(remi: RemiTokenizer) -> None:
    expected = [
        bool(symbols) and symbols[0].kind is SymbolKind.BAR for symbols in remi.token_symbols
    ]
    assert remi.opens_bar.tolist() == expected
    assert any(expected)
