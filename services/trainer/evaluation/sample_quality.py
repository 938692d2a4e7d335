"""Quality of a version's samples, in comparison with excerpts of held-out pieces.

Features are compared after quantization to the grid of the tokenizers; without it, human
performances would differ from their own transcriptions. Overlaps are counted after a round trip
through the version's tokenizer; without it, no overlap would be found for a version without rhythm.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ostinato.schemas.evaluations import LengthSummary, SampleQuality, TrainingOverlap
from ostinato.schemas.notes import TICKS_PER_BAR, Metre
from services.trainer.data.piece import Notes, Piece
from services.trainer.evaluation.memorization import TrainingOverlapIndex
from services.trainer.evaluation.musical_features import compare
from shared.errors import UserError
from shared.tokenizers.quantization import START, as_array
from shared.tokenizers.remi import RemiTokenizer
from shared.tokenizers.tokenizer import Tokenizer

MIN_EXCERPT_NOTES = 8
"""Minimum number of notes in a held-out excerpt; excerpts with fewer are mostly rests."""


class NothingToEvaluate(UserError):
    """The samples or the held-out excerpts have no notes; the detail names which."""

    code = "nothing_to_evaluate"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutSet:
    """The held-out side of one of the data sets that a version was trained on."""

    pieces: Sequence[Piece]
    weight: float = 1.0
    """How often the data set was sampled in training, relative to the others."""


def evaluate_samples(
    samples: Sequence[Notes],
    *,
    bars: int,
    train: Sequence[Piece],
    held_out: Sequence[HeldOutSet],
    tokenizer: Tokenizer,
) -> SampleQuality:
    """Features and training overlaps of `samples` of `bars` bars, and of held-out excerpts.

    Raises:
        NothingToEvaluate: no sample has a note, or no excerpt has enough notes.
    """
    non_empty = [notes for notes in samples if len(notes)]
    if not non_empty:
        raise NothingToEvaluate(f"None of the {len(samples)} melodies has a note; generate others.")
    excerpts = _excerpts(held_out, bars)
    index = TrainingOverlapIndex([_round_trip(piece.notes, tokenizer) for piece in train])
    return SampleQuality(
        num_pieces=len(samples),
        num_silent=len(samples) - len(non_empty),
        bars=bars,
        num_excerpts=len(excerpts),
        features=compare(non_empty, _on_grid(excerpts)),
        training_overlap=TrainingOverlap(
            samples=_summary(index.longest_overlaps(non_empty)),
            held_out=_summary(
                index.longest_overlaps([_round_trip(excerpt, tokenizer) for excerpt in excerpts])
            ),
        ),
    )


def held_out_excerpts(held_out: Sequence[HeldOutSet], bars: int) -> list[Notes]:
    """The excerpts that melodies of `bars` bars are compared with, on the grid of the tokenizers.

    Raises:
        NothingToEvaluate: no excerpt has enough notes.
    """
    return _on_grid(_excerpts(held_out, bars))


def _excerpts(held_out: Sequence[HeldOutSet], bars: int) -> list[Notes]:
    """Evenly spaced excerpts, as many as possible in proportion to the weights of the sets.

    Raises:
        NothingToEvaluate: none has enough notes.
    """
    sets: list[tuple[float, list[Notes]]] = []
    for dataset in held_out:
        parts = [
            part
            for piece in dataset.pieces
            if set(piece.metres) <= {Metre.FOUR_FOUR}  # as the samples
            for part in excerpts_of(piece.notes, bars)
        ]
        if parts:
            sets.append((dataset.weight, parts))
    scale = min((len(parts) / weight for weight, parts in sets), default=0.0)
    chosen: list[Notes] = []
    for weight, parts in sets:
        count = max(1, round(scale * weight))
        indices = np.linspace(0, len(parts) - 1, count).round().astype(int)
        chosen += [parts[index] for index in indices]
    if not chosen:
        raise NothingToEvaluate(
            f"No {bars} bars of the held-out music have {MIN_EXCERPT_NOTES} notes; "
            "generate melodies of more bars."
        )
    return chosen


def _on_grid(excerpts: Sequence[Notes]) -> list[Notes]:
    grid = RemiTokenizer.without_bpe()
    return [_round_trip(excerpt, grid) for excerpt in excerpts]


def excerpts_of(notes: Notes, bars: int) -> Iterator[Notes]:
    """Excerpts of `bars` bars of a piece, each starting at tick 0, except nearly empty ones."""
    part = notes[:, START] // (bars * TICKS_PER_BAR)
    for number in np.unique(part).tolist():
        excerpt = notes[part == number] - np.array([number * bars * TICKS_PER_BAR, 0, 0, 0])
        if len(excerpt) >= MIN_EXCERPT_NOTES:
            yield excerpt


def _round_trip(notes: Notes, tokenizer: Tokenizer) -> Notes:
    """The notes after encoding and decoding."""
    return as_array(tokenizer.decode(tokenizer.encode(notes)))


def _summary(lengths: Sequence[int]) -> LengthSummary:
    return LengthSummary(
        median=float(np.median(lengths)),
        p95=float(np.quantile(lengths, 0.95)),
        max=max(lengths),
    )
