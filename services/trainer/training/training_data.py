"""From a recipe to something that can be trained on: data sets, vocabulary, crops, examination.

Refuses to know networks and steps.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.progress import track

from services.trainer.data.dataset import Dataset, Source, load_dataset
from services.trainer.data.piece import Notes, Piece
from services.trainer.data.tokenized import Shards, load_shards
from services.trainer.evaluation.held_out import openings
from services.trainer.evaluation.likelihood import Examination
from services.trainer.recipes.recipes import Recipe, Tokens
from services.trainer.training.batches import Crops, Lessons, Material, keys_of
from shared.tokenizers.pitch_symbols import PitchSymbols
from shared.tokenizers.remi import FILE, Remi
from shared.tokenizers.vocabulary import Vocabulary, load_vocabulary

MAX_PIECES = 300
"""From so many of each set, chosen at random, the vocabulary is learnt."""
LEARNING = "Learning a vocabulary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a run of a recipe works with."""

    datasets: tuple[Dataset, ...]
    shards: tuple[Shards, ...]
    """Of each data set."""
    vocabulary: Vocabulary
    crops: Lessons
    examination: Examination
    """Of the beginnings of held-out pieces of every set."""
    seconds: float
    """Taken to prepare it all."""

    @property
    def tokens(self) -> int:
        """Of all kept pieces, each once."""
        return sum(len(shards.tokens) for shards in self.shards)

    @property
    def notes(self) -> int:
        """Of all kept pieces, each once."""
        return sum(dataset.report.notes for dataset in self.datasets)


def prepare(recipe: Recipe, sources: Sequence[Source], home: Path, run: Path) -> Prepared:
    """Read the music, and learn or load the run's vocabulary (from the training sides alone)."""
    begun = time.monotonic()
    datasets = tuple(load_dataset(source, home) for source in sources)
    if not (run / FILE).exists():
        run.mkdir(parents=True, exist_ok=True)
        learn_vocabulary(recipe, [dataset.split.train for dataset in datasets]).save(run)
    vocabulary = load_vocabulary(run)
    shards = tuple(load_shards(dataset, run, home) for dataset in datasets)
    return Prepared(
        datasets=datasets,
        shards=shards,
        vocabulary=vocabulary,
        crops=Crops(_materials(recipe, datasets, shards), vocabulary, recipe),
        examination=Examination(
            [piece for dataset in datasets for piece in openings(dataset, vocabulary)],
            vocabulary,
            recipe.examples.context,
        ),
        seconds=time.monotonic() - begun,
    )


def learn_vocabulary(recipe: Recipe, sides: Sequence[Sequence[Piece]]) -> Vocabulary:
    """The vocabulary that a recipe asks for, from the training side of each set, with a bar."""
    if recipe.tokens is Tokens.REMI:
        return Remi.without_pairs()
    if recipe.tokens is Tokens.PITCH_SYMBOLS:
        return PitchSymbols.train(_in_all_keys(recipe, sides))
    assert recipe.vocabulary is not None  # noqa: S101 - such recipes say how large
    return Remi.train(_in_random_keys(recipe, sides), recipe.vocabulary)


def _in_all_keys(recipe: Recipe, sides: Sequence[Sequence[Piece]]) -> Iterator[Notes]:
    for side in sides:
        for piece in track(side, LEARNING):
            for semitones in keys_of(piece.notes, recipe.examples.transpositions):
                yield piece.transposed(semitones).notes


def _in_random_keys(recipe: Recipe, sides: Sequence[Sequence[Piece]]) -> Iterator[Notes]:
    """Each piece in one key, so that no key is spelt in fewer tokens."""
    rng = np.random.default_rng(recipe.seed)
    for side in sides:
        for at in track(rng.permutation(len(side))[:MAX_PIECES].tolist(), LEARNING):
            keys = keys_of(side[at].notes, recipe.examples.transpositions)
            yield side[at].transposed(int(rng.choice(keys))).notes


def _materials(
    recipe: Recipe, datasets: Sequence[Dataset], shards: Sequence[Shards]
) -> list[Material]:
    return [
        Material(
            pieces=dataset.split.train,
            num_tokens=spelt.lengths[: len(dataset.split.train)],
            performed=dataset.performed,
            weight=ingredient.weight,
        )
        for ingredient, dataset, spelt in zip(recipe.ingredients, datasets, shards, strict=True)
    ]
