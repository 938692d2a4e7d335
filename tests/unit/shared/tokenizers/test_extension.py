"""Appended tokens change neither other ids nor the encoding of music without them."""

import shutil
from pathlib import Path

import miditok
import pytest

from ostinato.schemas.notes import Metre, Note
from shared.tokenizers.extension import extend_vocabulary
from shared.tokenizers.remi import CONTROL_TOKENS, RemiTokenizer
from tests.conftest import ROOT
from tests.support.music.random_pieces import random_piece
from tests.unit.shared.tokenizers.test_metres import measured_piece


@pytest.fixture(params=["mini", "v7", "v8"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of the tokenizer of a published version."""
    source = ROOT / "checkpoints" / request.param / "tokenizer.json"
    shutil.copyfile(source, tmp_path / "tokenizer.json")
    return tmp_path


def test_control_tokens_and_metres_are_appended(folder: Path) -> None:
    before, notes = RemiTokenizer.load(folder), random_piece(7)
    extend_vocabulary(folder, tuple(Metre), CONTROL_TOKENS)
    after = RemiTokenizer.load(folder)
    num_controls = len(CONTROL_TOKENS) - len(before.control_tokens)
    num_lines = 2 * (len(Metre) - len(before.metres))
    assert after.vocab_size == before.vocab_size + num_controls + num_lines
    assert after.token_symbols[: before.vocab_size] == before.token_symbols
    assert set(after.control_tokens) == set(CONTROL_TOKENS)
    assert before.control_tokens.items() <= after.control_tokens.items()
    assert after.encode(notes) == before.encode(notes)
    legal = after.grammar().next_state >= 0
    assert not legal[:, [after.control_tokens[name] for name in CONTROL_TOKENS]].any()


def test_music_in_the_appended_metres_is_decoded_as_it_was_encoded(folder: Path) -> None:
    extend_vocabulary(folder, tuple(Metre), CONTROL_TOKENS)
    remi = RemiTokenizer.load(folder)
    assert remi.metres == tuple(Metre)
    for seed in range(10):
        notes, metres = measured_piece(seed)
        ids = remi.encode(notes, metres)
        assert remi.bar_metres(ids)[: len(metres)] == metres[: len(remi.bar_metres(ids))]
        assert [note[:3] for note in remi.decode(ids)] == [note[:3] for note in notes]


def test_the_file_can_be_extended_again_and_miditok_loads_it(folder: Path, tmp_path: Path) -> None:
    extend_vocabulary(folder, (Metre.THREE_FOUR,), CONTROL_TOKENS[:-1])
    once = RemiTokenizer.load(folder)
    extend_vocabulary(folder, tuple(Metre), CONTROL_TOKENS)
    content = (folder / "tokenizer.json").read_bytes()
    twice = RemiTokenizer.load(folder)
    assert twice.token_symbols[: once.vocab_size] == once.token_symbols
    assert once.control_tokens.items() < twice.control_tokens.items()
    assert twice.metres == tuple(Metre)
    extend_vocabulary(folder, tuple(Metre), CONTROL_TOKENS)
    assert (folder / "tokenizer.json").read_bytes() == content
    twice.save(tmp_path / "saved")
    saved = RemiTokenizer.load(tmp_path / "saved")
    assert saved.token_symbols == twice.token_symbols
    assert saved.control_tokens == twice.control_tokens
    reference = RemiTokenizer(miditok.REMI(params=folder / "tokenizer.json"))
    notes: list[Note] = random_piece(3)
    assert saved.encode(notes) == reference.encode(notes) == twice.encode(notes)
