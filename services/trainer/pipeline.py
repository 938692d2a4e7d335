"""From a recipe to something that can be trained on: data set, tokenizer, crops, examination.

Refuses to know networks and steps.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.trainer.crops import Crops, keys_of
from services.trainer.data.dataset import Dataset, load_dataset
from services.trainer.data.piece import Piece
from services.trainer.evaluation import Examination
from services.trainer.recipes import Recipe
from shared.tokenizers.remi import FILE, Remi


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a run of a recipe works with."""

    dataset: Dataset
    tokenizer: Remi
    crops: Crops
    examination: Examination
    tokens: int
    """Of all kept pieces, each once."""
    seconds: float
    """Taken to prepare it all."""


def prepare(recipe: Recipe, home: Path, run: Path) -> Material:
    """Read the music, and learn or load the run's vocabulary (from the training side alone)."""
    begun = time.monotonic()
    dataset = load_dataset(recipe.dataset, home)
    if not (run / FILE).exists():
        learn_vocabulary(recipe, dataset.split.train).save(run)
    tokenizer = Remi.load(run)
    crops = Crops(dataset.split.train, tokenizer, recipe)
    examination = Examination(dataset.split.held_out, tokenizer, recipe.network.context)
    return Material(
        dataset=dataset,
        tokenizer=tokenizer,
        crops=crops,
        examination=examination,
        tokens=crops.tokens + examination.tokens,
        seconds=time.monotonic() - begun,
    )


def learn_vocabulary(recipe: Recipe, pieces: Sequence[Piece]) -> Remi:
    """BPE over the pieces, each in a random key, so that no key is spelt in fewer tokens."""
    rng = np.random.default_rng(recipe.seed)
    keys = [int(rng.choice(keys_of(piece, recipe.transpositions))) for piece in pieces]
    transposed = [piece.transposed(by) for piece, by in zip(pieces, keys, strict=True)]
    return Remi.train([piece.as_notes() for piece in transposed], recipe.vocabulary)
