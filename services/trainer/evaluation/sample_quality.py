"""Quality of a version's samples, in comparison with excerpts of held-out pieces.

Features are compared after quantization to the grid of the tokenizers; otherwise human performances
would differ from their own transcriptions. Overlaps are counted after a round trip through the
version's own tokenizer; otherwise a version that knows no rhythm would seem to copy nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ostinato.schemas.evaluations import LengthSummary, SampleQuality, TrainingOverlap
from ostinato.schemas.notes import TICKS_PER_BAR
from services.trainer.data.piece import Notes, Piece
from services.trainer.evaluation.memorization import TrainingOverlapIndex
from services.trainer.evaluation.musical_features import compare
from shared.errors import UserError
from shared.tokenizers.quantization import START, as_array
from shared.tokenizers.remi import RemiTokenizer
from shared.tokenizers.tokenizer import Tokenizer

MIN_EXCERPT_NOTES = 8
"""Held-out excerpts with fewer notes are mostly rests, and are not used."""


class NothingToEvaluate(UserError):
    """One of the two sides has no notes; the detail names it."""

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
        NothingToEvaluate: no sample has a note, or no excerpt has enough of them.
    """
    non_empty = [notes for notes in samples if len(notes)]
    excerpts = _excerpts(held_out, bars)
    if not non_empty:
        raise NothingToEvaluate(f"None of the {len(samples)} melodies has a note; generate others.")
    if not excerpts:
        raise NothingToEvaluate(
            f"No {bars} bars of the held-out music have {MIN_EXCERPT_NOTES} notes; "
            "generate melodies of more bars."
        )
    grid = RemiTokenizer.without_bpe()
    index = TrainingOverlapIndex([_round_trip(piece.notes, tokenizer) for piece in train])
    return SampleQuality(
        num_pieces=len(samples),
        num_silent=len(samples) - len(non_empty),
        bars=bars,
        num_excerpts=len(excerpts),
        features=compare(non_empty, [_round_trip(each, grid) for each in excerpts]),
        training_overlap=TrainingOverlap(
            samples=_summary(index.longest_overlaps(non_empty)),
            held_out=_summary(
                index.longest_overlaps([_round_trip(each, tokenizer) for each in excerpts])
            ),
        ),
    )


def _excerpts(held_out: Sequence[HeldOutSet], bars: int) -> list[Notes]:
    """As many excerpts as there are in proportion to the weights of the sets, evenly spaced."""
    sets = [
        (each.weight, [part for piece in each.pieces for part in excerpts_of(piece.notes, bars)])
        for each in held_out
    ]
    sets = [(weight, parts) for weight, parts in sets if parts]
    scale = min((len(parts) / weight for weight, parts in sets), default=0.0)
    return [
        parts[at]
        for weight, parts in sets
        for at in np.linspace(0, len(parts) - 1, max(1, round(scale * weight))).round().astype(int)
    ]


def excerpts_of(notes: Notes, bars: int) -> Iterator[Notes]:
    """The piece in parts of `bars` bars, each from tick 0; nearly empty parts are skipped."""
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
