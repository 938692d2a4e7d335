"""Prepares a run: data sets, tokenizer, batches and the validation scorer."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.progress import track

from services.trainer.data.dataset import Dataset, DatasetSource, load_dataset
from services.trainer.data.piece import Notes, Piece
from services.trainer.data.tokenized import TokenizedDataset, load_tokenized
from services.trainer.evaluation.held_out import validation_scorer
from services.trainer.evaluation.likelihood import HeldOutScorer
from services.trainer.recipes.recipe import Recipe, TokenizerKind
from services.trainer.training.batches import (
    BatchSource,
    CropSampler,
    TokenizedSet,
    valid_transpositions,
)
from shared.tokenizers.pitch_symbols import PitchSymbolTokenizer
from shared.tokenizers.remi import FILE, Measured, RemiTokenizer
from shared.tokenizers.tokenizer import Tokenizer, load_tokenizer

MAX_TOKENIZER_PIECES = 300
"""Number of random pieces of each data set from which byte pairs are learned."""
PROGRESS_LABEL = "Training the tokenizer"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    """Everything that a trainer reads."""

    datasets: tuple[Dataset, ...]
    tokenized: tuple[TokenizedDataset, ...]
    """Tokens of each data set."""
    tokenizer: Tokenizer
    batches: BatchSource
    density_bounds: tuple[float, ...] | None
    """Notes per four quarters at which the next density class begins, if there are such classes."""
    held_out_scorers: tuple[HeldOutScorer, ...]
    """The scorer of each data set, for validations."""
    preparation_seconds: float

    @property
    def num_tokens(self) -> int:
        """Number of tokens of all used pieces."""
        return sum(len(tokenized.tokens) for tokenized in self.tokenized)

    @property
    def num_notes(self) -> int:
        """Number of notes of all used pieces."""
        return sum(dataset.counts.num_notes for dataset in self.datasets)


def prepare_training_data(
    recipe: Recipe, sources: Sequence[DatasetSource], cache_dir: Path, run: Path
) -> TrainingData:
    """Load the data sets, and load the run's tokenizer or train it on the training sides."""
    started = time.monotonic()
    datasets = tuple(load_dataset(source, cache_dir, metres=recipe.metres) for source in sources)
    if not (run / FILE).exists():
        run.mkdir(parents=True, exist_ok=True)
        train_tokenizer(recipe, [dataset.split.train for dataset in datasets]).save(run)
    tokenizer = load_tokenizer(run)
    tokenized = tuple(load_tokenized(dataset, run, cache_dir) for dataset in datasets)
    sampler = CropSampler(_tokenized_sets(recipe, datasets, tokenized), tokenizer, recipe)
    return TrainingData(
        datasets=datasets,
        tokenized=tokenized,
        tokenizer=tokenizer,
        batches=sampler,
        density_bounds=sampler.density_bounds,
        held_out_scorers=tuple(
            validation_scorer(dataset, tokens, tokenizer, recipe.examples.context)
            for dataset, tokens in zip(datasets, tokenized, strict=True)
        ),
        preparation_seconds=time.monotonic() - started,
    )


def train_tokenizer(recipe: Recipe, sides: Sequence[Sequence[Piece]]) -> Tokenizer:
    """Train the recipe's tokenizer on the training side of each data set, with a progress bar."""
    if recipe.tokenizer is TokenizerKind.REMI:
        return RemiTokenizer.without_bpe(recipe.metres)
    if recipe.tokenizer is TokenizerKind.PITCH_SYMBOLS:
        return PitchSymbolTokenizer.train(_in_all_keys(recipe, sides))
    assert recipe.vocab_size is not None  # noqa: S101 - recipes with byte pairs set it
    return RemiTokenizer.train(_in_random_keys(recipe, sides), recipe.vocab_size, recipe.metres)


def _in_all_keys(recipe: Recipe, sides: Sequence[Sequence[Piece]]) -> Iterator[Notes]:
    for side in sides:
        for piece in track(side, PROGRESS_LABEL):
            for semitones in valid_transpositions(piece.notes, recipe.examples.transpositions):
                yield piece.transposed(semitones).notes


def _in_random_keys(recipe: Recipe, sides: Sequence[Sequence[Piece]]) -> Iterator[Measured]:
    """Each piece in a random key, so that the byte pairs favor no key."""
    rng = np.random.default_rng(recipe.seed)
    for side in sides:
        indices = rng.permutation(len(side))[:MAX_TOKENIZER_PIECES].tolist()
        for index in track(indices, PROGRESS_LABEL):
            keys = valid_transpositions(side[index].notes, recipe.examples.transpositions)
            piece = side[index].transposed(int(rng.choice(keys)))
            yield Measured(piece.notes, piece.metres)


def _tokenized_sets(
    recipe: Recipe, datasets: Sequence[Dataset], tokenized: Sequence[TokenizedDataset]
) -> list[TokenizedSet]:
    return [
        TokenizedSet(
            pieces=dataset.split.train,
            num_tokens=tokens.lengths[: len(dataset.split.train)],
            is_performance=dataset.is_performance,
            weight=weighted.weight,
        )
        for weighted, dataset, tokens in zip(recipe.datasets, datasets, tokenized, strict=True)
    ]
