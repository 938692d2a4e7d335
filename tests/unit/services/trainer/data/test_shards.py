"""A data set is spelt once, and every piece is found again in what was spelt."""

from pathlib import Path

import numpy as np
import pytest

from services.trainer.data import tokenized as module
from services.trainer.data.dataset import Source, load_dataset
from services.trainer.data.tokenized import load_shards
from shared.tokenizers.remi import Remi
from tests.unit.services.trainer.conftest import SET


def test_every_piece_is_spelt_as_the_vocabulary_spells_it(
    home: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = load_dataset(Source.of_name(SET, data), home)
    run = home / "runs" / "tiny"
    vocabulary = Remi.load(run)
    first = load_shards(dataset, run, home)
    monkeypatch.setattr(module, "_spell_all", lambda *_: pytest.fail("spelt again"))
    again = load_shards(dataset, run, home)
    assert np.array_equal(first.tokens, again.tokens)
    for at, piece in enumerate(dataset.split.kept):
        assert again.piece(at).tolist() == vocabulary.encode(piece.notes)
    assert again.lengths.sum() == len(again.tokens)


def test_another_vocabulary_is_spelt_anew(home: Path, data: Path, tmp_path: Path) -> None:
    dataset = load_dataset(Source.of_name(SET, data), home)
    (tmp_path / "other").mkdir()
    Remi.without_pairs().save(tmp_path / "other")
    plain = load_shards(dataset, tmp_path / "other", tmp_path)
    paired = load_shards(dataset, home / "runs" / "tiny", home)
    assert len(plain.tokens) > len(paired.tokens)
