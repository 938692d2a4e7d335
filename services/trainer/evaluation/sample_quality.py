"""Pieces that a version wrote, beside held-out pieces that people wrote.

Traits are compared on the grid that everything is written on, or people would be far from
themselves; copies as the version's vocabulary spells them, so that a version without rhythm is not
called original for having none. Refuses to generate, and to say which side is better.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ostinato.schemas.evaluations import Copies, Judgement, Lengths
from ostinato.schemas.notes import TICKS_PER_BAR
from services.trainer.data.piece import Notes, Piece
from services.trainer.evaluation.memorization import Memory
from services.trainer.evaluation.musical_features import compare
from shared.errors import UserError
from shared.tokenizers.grid import START, as_array
from shared.tokenizers.remi import Remi
from shared.tokenizers.vocabulary import Vocabulary

FEWEST_NOTES = 8
"""In an excerpt of held-out music: less is a rest, and tells nothing."""


class NothingToJudge(UserError):
    """One of the two sides is silent; the detail says which."""

    code = "nothing_to_judge"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """The held-out side of one of the sets that a version learnt from."""

    pieces: Sequence[Piece]
    weight: float = 1.0
    """How often the set's music was drawn beside that of the others."""


def judge(
    samples: Sequence[Notes],
    *,
    bars: int,
    train: Sequence[Piece],
    held_out: Sequence[HeldOut],
    vocabulary: Vocabulary,
) -> Judgement:
    """Traits and copies of `samples` of so many bars, beside excerpts of held-out pieces.

    Raises:
        NothingToJudge: no sample has a note, or no excerpt has enough of them.
    """
    heard = [notes for notes in samples if len(notes)]
    excerpts = _excerpts(held_out, bars)
    if not heard:
        raise NothingToJudge(f"None of the {len(samples)} pieces has a note; generate others.")
    if not excerpts:
        few = f"No {bars} bars of the held-out music have {FEWEST_NOTES} notes"
        raise NothingToJudge(f"{few}; generate pieces of more bars.")
    grid = Remi.without_pairs()
    memory = Memory([_as_spelt(piece.notes, vocabulary) for piece in train])
    return Judgement(
        pieces=len(samples),
        silent=len(samples) - len(heard),
        bars=bars,
        excerpts=len(excerpts),
        traits=compare(heard, [_as_spelt(each, grid) for each in excerpts]),
        longest_copied_notes=Copies(
            samples=_summary(memory.longest_copies(heard)),
            held_out=_summary(
                memory.longest_copies([_as_spelt(each, vocabulary) for each in excerpts])
            ),
        ),
    )


def _excerpts(held_out: Sequence[HeldOut], bars: int) -> list[Notes]:
    """Of every set in the proportion of its weight, as many as there are; evenly spread."""
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
    """A piece in parts of so many bars, each from its own beginning; rests are left out."""
    part = notes[:, START] // (bars * TICKS_PER_BAR)
    for number in np.unique(part).tolist():
        excerpt = notes[part == number] - np.array([number * bars * TICKS_PER_BAR, 0, 0, 0])
        if len(excerpt) >= FEWEST_NOTES:
            yield excerpt


def _as_spelt(notes: Notes, vocabulary: Vocabulary) -> Notes:
    """What is left of the notes when the vocabulary has written and read them."""
    return as_array(vocabulary.decode(vocabulary.encode(notes)))


def _summary(lengths: Sequence[int]) -> Lengths:
    return Lengths(
        median=float(np.median(lengths)),
        p95=float(np.quantile(lengths, 0.95)),
        max=max(lengths),
    )
