"""What a run works with: a vocabulary of the training side, and short examinations."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from services.trainer.data.dataset import Source
from services.trainer.data.piece import Piece
from services.trainer.recipes.recipes import Examples, Recipe, Tokens
from services.trainer.training import training_data as module
from services.trainer.training.training_data import (
    Prepared,
    learn_vocabulary,
    prepare,
)
from shared.tokenizers.pitch_symbols import PitchSymbols
from shared.tokenizers.remi import Remi
from tests.unit.services.trainer.conftest import SET, random_piece


def test_all_kept_music_is_counted(material: Prepared) -> None:
    (dataset,) = material.datasets
    spelt = [material.vocabulary.encode(piece.notes) for piece in dataset.split.kept]
    assert material.tokens == sum(map(len, spelt))
    assert material.notes == 40 * 40


def test_every_kind_of_vocabulary_is_learnt_from_the_training_side(
    recipe: Recipe, material: Prepared
) -> None:
    (dataset,) = material.datasets
    sides = [dataset.split.train]
    symbols = learn_vocabulary(dataclasses.replace(recipe, tokens=Tokens.PITCH_SYMBOLS), sides)
    assert isinstance(symbols, PitchSymbols)
    plain = learn_vocabulary(dataclasses.replace(recipe, tokens=Tokens.REMI), sides)
    assert isinstance(plain, Remi)
    assert plain.vocab_size == Remi.without_pairs().vocab_size
    paired = learn_vocabulary(recipe, sides)
    assert paired.vocab_size == recipe.vocabulary


@pytest.mark.parametrize("tokens", [Tokens.PITCH_SYMBOLS, Tokens.REMI_BPE])
def test_a_bar_shows_of_how_many_pieces_a_vocabulary_is_learnt(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch, tokens: Tokens
) -> None:
    """One for each set."""
    bars: list[tuple[str, int]] = []

    def track(
        pieces: Sequence[Piece] | Sequence[int], what: str
    ) -> Sequence[Piece] | Sequence[int]:
        bars.append((what, len(pieces)))
        return pieces

    monkeypatch.setattr(module, "track", track)
    sides = [[random_piece(0), random_piece(1)], [random_piece(2)]]
    learn_vocabulary(dataclasses.replace(recipe, tokens=tokens), sides)
    assert bars == [("Learning a vocabulary", 2), ("Learning a vocabulary", 1)]


def test_symbols_are_learnt_in_all_keys_of_the_recipe(recipe: Recipe) -> None:
    """So a chord is known in each of them."""
    triads = [
        dataclasses.replace(
            random_piece(0),
            notes=np.array(
                [[at * 480, 480, pitch, 80] for at in range(9) for pitch in (60, 64, 67)]
            ),
        )
    ]
    config = dataclasses.replace(
        recipe,
        tokens=Tokens.PITCH_SYMBOLS,
        examples=Examples(context=32, transpositions=(-2, 0, 3)),
    )
    symbols = learn_vocabulary(config, [triads])
    assert symbols.vocab_size == 3 + 88 + 3


def test_a_run_that_has_a_vocabulary_keeps_it(
    home: Path, data: Path, recipe: Recipe, tmp_path: Path
) -> None:
    Remi.without_pairs().save(home / "runs" / "tiny")
    again = prepare(recipe, [Source.of_name(SET, data)], tmp_path, home / "runs" / "tiny")
    assert again.vocabulary.vocab_size == Remi.without_pairs().vocab_size
