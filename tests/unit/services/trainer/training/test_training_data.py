"""A run's data: the tokenizer is trained on the training side, and all used pieces count."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from services.trainer.data.dataset import DatasetSource
from services.trainer.data.piece import Piece
from services.trainer.recipes.recipe import ExampleConfig, Recipe, TokenizerKind
from services.trainer.training import training_data as module
from services.trainer.training.training_data import (
    TrainingData,
    prepare_training_data,
    train_tokenizer,
)
from shared.tokenizers.pitch_symbols import PitchSymbolTokenizer
from shared.tokenizers.remi import RemiTokenizer
from tests.unit.services.trainer.conftest import DATASET, random_piece


def test_tokens_and_notes_of_all_used_pieces_are_counted(training_data: TrainingData) -> None:
    (dataset,) = training_data.datasets
    encoded = [training_data.tokenizer.encode(piece.notes) for piece in dataset.split.used]
    assert training_data.num_tokens == sum(map(len, encoded))
    assert training_data.num_notes == 40 * 40


def test_every_kind_of_tokenizer_is_trained(recipe: Recipe, training_data: TrainingData) -> None:
    (dataset,) = training_data.datasets
    sides = [dataset.split.train]
    symbols = train_tokenizer(of_kind(recipe, TokenizerKind.PITCH_SYMBOLS), sides)
    assert isinstance(symbols, PitchSymbolTokenizer)
    plain = train_tokenizer(of_kind(recipe, TokenizerKind.REMI), sides)
    assert isinstance(plain, RemiTokenizer)
    assert plain.vocab_size == RemiTokenizer.without_bpe().vocab_size
    with_bpe = train_tokenizer(recipe, sides)
    assert with_bpe.vocab_size == recipe.vocab_size


def of_kind(recipe: Recipe, kind: TokenizerKind) -> Recipe:
    return dataclasses.replace(recipe, tokenizer=kind)


@pytest.mark.parametrize("kind", [TokenizerKind.PITCH_SYMBOLS, TokenizerKind.REMI_BPE])
def test_a_progress_bar_per_data_set_shows_the_number_of_pieces(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch, kind: TokenizerKind
) -> None:
    bars: list[tuple[str, int]] = []

    def track(
        pieces: Sequence[Piece] | Sequence[int], label: str
    ) -> Sequence[Piece] | Sequence[int]:
        bars.append((label, len(pieces)))
        return pieces

    monkeypatch.setattr(module, "track", track)
    sides = [[random_piece(0), random_piece(1)], [random_piece(2)]]
    train_tokenizer(of_kind(recipe, kind), sides)
    assert bars == [("Training the tokenizer", 2), ("Training the tokenizer", 1)]


def test_pitch_symbols_are_trained_in_all_keys_of_the_recipe(recipe: Recipe) -> None:
    """Each chord gets a symbol in each key."""
    triads = [
        dataclasses.replace(
            random_piece(0),
            notes=np.array([[i * 480, 480, pitch, 80] for i in range(9) for pitch in (60, 64, 67)]),
        )
    ]
    config = dataclasses.replace(
        recipe,
        tokenizer=TokenizerKind.PITCH_SYMBOLS,
        examples=ExampleConfig(context=32, transpositions=(-2, 0, 3)),
    )
    symbols = train_tokenizer(config, [triads])
    assert symbols.vocab_size == 3 + 88 + 3


def test_a_run_keeps_its_tokenizer(
    cache_dir: Path, datasets_dir: Path, recipe: Recipe, tmp_path: Path
) -> None:
    RemiTokenizer.without_bpe().save(cache_dir / "runs" / "tiny")
    sources = [DatasetSource.from_name(DATASET, datasets_dir)]
    again = prepare_training_data(recipe, sources, tmp_path, cache_dir / "runs" / "tiny")
    assert again.tokenizer.vocab_size == RemiTokenizer.without_bpe().vocab_size
