"""A data set is tokenized once per tokenizer, and each piece's tokens can be read."""

from pathlib import Path

import numpy as np
import pytest

from services.trainer.data import tokenized as module
from services.trainer.data.dataset import DatasetSource, load_dataset
from services.trainer.data.tokenized import load_tokenized
from shared.tokenizers.remi import RemiTokenizer
from tests.unit.services.trainer.conftest import DATASET


def test_pieces_are_tokenized_once_by_the_tokenizer_of_the_run(
    cache_dir: Path, datasets_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = load_dataset(DatasetSource.from_name(DATASET, datasets_dir), cache_dir)
    run = cache_dir / "runs" / "tiny"
    tokenizer = RemiTokenizer.load(run)
    first = load_tokenized(dataset, run, cache_dir)
    monkeypatch.setattr(module, "_encode_all", lambda *_: pytest.fail("tokenized again"))
    again = load_tokenized(dataset, run, cache_dir)
    assert np.array_equal(first.tokens, again.tokens)
    for index, piece in enumerate(dataset.split.used):
        assert again.piece(index).tolist() == tokenizer.encode(piece.notes)
    assert again.lengths.sum() == len(again.tokens)


def test_another_tokenizer_has_another_cache(
    cache_dir: Path, datasets_dir: Path, tmp_path: Path
) -> None:
    dataset = load_dataset(DatasetSource.from_name(DATASET, datasets_dir), cache_dir)
    (tmp_path / "other").mkdir()
    RemiTokenizer.without_bpe().save(tmp_path / "other")
    without_bpe = load_tokenized(dataset, tmp_path / "other", tmp_path)
    with_bpe = load_tokenized(dataset, cache_dir / "runs" / "tiny", cache_dir)
    assert len(without_bpe.tokens) > len(with_bpe.tokens)
