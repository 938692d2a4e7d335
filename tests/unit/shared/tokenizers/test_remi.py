"""The vocabulary: learnt, saved, read by MidiTok, and true to the music."""

from pathlib import Path

import miditok
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from symusic.core import NoteTick, ScoreTick, TrackTick

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.tokenizers.remi import CONTROLS, Remi
from shared.tokenizers.symbols import Kind
from tests.conftest import ROOT
from tests.unit.shared.tokenizers.music import piece, rough

note = st.builds(
    Note,
    start=st.integers(0, 20 * TICKS_PER_BAR),
    duration=st.integers(1, 3840),
    pitch=st.integers(21, 108),
    velocity=st.integers(1, 127),
)


def test_it_has_the_asked_number_of_ids_and_pairs_shorten_the_music(remi: Remi) -> None:
    assert remi.vocab_size == 512
    notes = piece(1000)
    symbols = sum(len(remi.expansions[token]) for token in remi.encode(notes))
    assert len(remi.encode(notes)) < 0.7 * symbols


def test_special_tokens_come_first_and_stand_for_no_music(remi: Remi) -> None:
    specials = [remi.pad, remi.bos, remi.eos, remi.fill, remi.sep, *remi.controls.values()]
    assert specials == list(range(5 + len(CONTROLS)))
    assert tuple(remi.controls) == CONTROLS
    kinds = {symbol.kind for token in specials for symbol in remi.expansions[token]}
    assert kinds == {Kind.SPECIAL}


def test_a_vocabulary_without_room_for_pairs_is_refused() -> None:
    with pytest.raises(ValueError, match="vocab_size"):
        Remi.train([piece(0)], vocab_size=100)


def test_learning_is_deterministic(remi: Remi) -> None:
    again = Remi.train([piece(seed) for seed in range(60)], vocab_size=512)
    assert again.expansions == remi.expansions


@given(st.lists(note, max_size=40))
@settings(deadline=None, max_examples=100)
def test_every_note_comes_back_within_the_grid(remi: Remi, notes: list[Note]) -> None:
    decoded = {(each.start, each.pitch): each for each in remi.decode(remi.encode(notes))}
    for each in notes:
        start = (each.start + 30) // 60 * 60
        found = decoded[start, each.pitch]
        same_place = [n for n in notes if (n.start + 30) // 60 * 60 == start]
        longest = max(n.duration for n in same_place if n.pitch == each.pitch)
        assert abs(found.duration - longest) <= 60
        assert any(abs(found.velocity - n.velocity) <= 8 for n in same_place)


@pytest.mark.parametrize("seed", range(5))
def test_what_was_decoded_encodes_to_the_same_ids(remi: Remi, seed: int) -> None:
    ids = remi.encode(rough(seed))
    assert remi.encode(remi.decode(ids)) == ids


def test_nothing_is_encoded_as_nothing(remi: Remi) -> None:
    assert remi.encode([]) == []
    assert remi.decode([]) == []


def test_a_saved_vocabulary_is_the_same(remi: Remi, tmp_path: Path) -> None:
    remi.save(tmp_path)
    loaded = Remi.load(tmp_path)
    assert loaded.expansions == remi.expansions
    assert loaded.encode(piece(3)) == remi.encode(piece(3))


@pytest.mark.parametrize("seed", range(100, 110))
def test_miditok_loads_the_file_and_writes_the_same_ids(
    remi: Remi, tmp_path: Path, seed: int
) -> None:
    remi.save(tmp_path)
    assert_miditok_spells_alike(tmp_path, piece(seed))


@pytest.mark.parametrize("version", ["mini", "v7", "v8"])
def test_miditok_spells_music_as_a_checkpoint_does(version: str) -> None:
    assert_miditok_spells_alike(ROOT / "checkpoints" / version, piece(100))


def assert_miditok_spells_alike(folder: Path, notes: list[Note]) -> None:
    theirs = miditok.REMI(params=folder / "tokenizer.json")
    score = ScoreTick(480)
    score.tracks.append(TrackTick())
    for each in notes:
        score.tracks[0].notes.append(NoteTick(*each))
    (encoded,) = theirs.encode(score)
    remi = Remi.load(folder)
    ours = remi.encode(notes)
    assert ours[: len(encoded.ids)] == encoded.ids
    rest = {remi.expansions[token] for token in ours[len(encoded.ids) :]}
    assert rest <= {((Kind.BAR, 0),)}, "we go on until the last note has ended"


@pytest.mark.parametrize("seed", range(100, 105))
def test_miditok_decodes_our_ids_to_the_same_notes(remi: Remi, tmp_path: Path, seed: int) -> None:
    remi.save(tmp_path)
    theirs = miditok.REMI(params=tmp_path / "tokenizer.json")
    ids = remi.encode(piece(seed))
    score = theirs.decode([ids]).resample(480, min_dur=1)
    notes = [Note(n.start, n.duration, n.pitch, n.velocity) for n in score.tracks[0].notes]
    assert sorted(notes, key=lambda n: (n.start, n.pitch)) == remi.decode(ids)


def test_without_pairs_a_token_is_a_symbol(tmp_path: Path) -> None:
    remi = Remi.without_pairs()
    notes = piece(3)
    spelt = [remi.expansions[token] for token in remi.encode(notes)]
    assert {len(expansion) for expansion in spelt} == {1}
    remi.save(tmp_path)
    theirs = miditok.REMI(params=tmp_path / "tokenizer.json")
    assert remi.encode(notes) == Remi(theirs).encode(notes)
    assert remi.decode(remi.encode(notes)) == Remi.load(tmp_path).decode(remi.encode(notes))


def test_a_vocabulary_of_before_has_no_such_prefixes() -> None:
    """The committed checkpoint was trained when they were eight nameless ones."""
    old = Remi.load(ROOT / "checkpoints" / "mini")
    assert old.controls == {}
    assert old.decode(old.encode(piece(3)))


def test_what_opens_a_bar_begins_with_a_bar_line(remi: Remi) -> None:
    expected = [bool(each) and each[0].kind is Kind.BAR for each in remi.expansions]
    assert remi.opens_bar.tolist() == expected
    assert any(expected)
