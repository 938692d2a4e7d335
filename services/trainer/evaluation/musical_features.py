"""Traits of a piece that can be counted, to see whether a model's pieces are like real ones.

No trait is better for being higher: what counts is the distance to pieces that people wrote. All
but the last are muspy's (Dong et al. 2020). Refuses to know models.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.evaluations import TraitComparison
from ostinato.schemas.notes import TICKS_PER_BAR
from services.trainer.data.piece import Notes, interval_runs
from shared.tokenizers.grid import DURATION, PITCH, START
from shared.tokenizers.symbols import POSITIONS_PER_BAR, TICKS_PER_POSITION

MAJOR = np.array([0, 2, 4, 5, 7, 9, 11])
PHRASE = 6
"""Intervals that make a figure whose return can be heard."""
NOTHING = 1e-9
"""But for rounding."""
QUANTILES = np.linspace(0.005, 0.995, 100)


def pitch_class_entropy(notes: Notes) -> float:
    """Bits; 0 for a single pitch class, 3.58 for twelve equally frequent ones."""
    shares = np.bincount(notes[:, PITCH] % 12, minlength=12) / len(notes)
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())


def scale_consistency(notes: Notes) -> float:
    """The share of notes inside the major scale that holds most of them."""
    classes = notes[:, PITCH] % 12
    return max(float(np.isin(classes, (MAJOR + tonic) % 12).mean()) for tonic in range(12))


def groove_consistency(notes: Notes) -> float:
    """How alike bars in a row are in where something begins (Wu and Yang 2020); 1: equal."""
    struck = np.zeros((_num_bars(notes), POSITIONS_PER_BAR), dtype=bool)
    struck.flat[_onsets(notes)] = True
    if len(struck) < 2:  # noqa: PLR2004 - a pair
        return 1.0
    return float(1 - (struck[1:] != struck[:-1]).mean())


def notes_per_bar(notes: Notes) -> float:
    """Notes by the bars up to the last onset: density, whatever the tempo."""
    return len(notes) / _num_bars(notes)


def polyphony(notes: Notes) -> float:
    """How many pitches sound at once, on average over the places of the grid where any does."""
    begin = _onsets(notes)
    end = np.maximum(begin + 1, -(-(notes[:, START] + notes[:, DURATION]) // TICKS_PER_POSITION))
    change = np.zeros(int(end.max()) + 1, dtype=np.int64)
    np.add.at(change, begin, 1)
    np.add.at(change, end, -1)
    sounding = change.cumsum()
    return float(sounding[sounding > 0].mean())


def repetition(notes: Notes) -> float:
    """The share of figures of `PHRASE` intervals that the piece has played before, in any key."""
    figures = list(interval_runs(notes, PHRASE))
    return 1 - len(set(figures)) / max(1, len(figures))


TRAITS: dict[str, Callable[[Notes], float]] = {
    "pitch_class_entropy_bits": pitch_class_entropy,
    "scale_consistency": scale_consistency,
    "groove_consistency": groove_consistency,
    "notes_per_bar": notes_per_bar,
    "polyphony": polyphony,
    "repetition_share": repetition,
}


def distance(samples: NDArray[np.float64], held_out: NDArray[np.float64]) -> float | None:
    """How far two distributions are apart, in standard deviations of the held-out one.

    The first Wasserstein distance: the mean gap between their quantiles. None: there is a gap,
    and the held-out one does not vary, so there is nothing to measure it by.
    """
    gap = np.abs(np.quantile(samples, QUANTILES) - np.quantile(held_out, QUANTILES)).mean()
    spread = float(held_out.std())
    if gap > NOTHING and spread < NOTHING:
        return None
    return round(float(gap) / max(spread, NOTHING), 4)


def compare(samples: Sequence[Notes], held_out: Sequence[Notes]) -> dict[str, TraitComparison]:
    """Every trait on both sides, and the distance between them."""
    return {name: _compare(trait, samples, held_out) for name, trait in TRAITS.items()}


def _compare(
    trait: Callable[[Notes], float], samples: Sequence[Notes], held_out: Sequence[Notes]
) -> TraitComparison:
    ours = np.array([trait(notes) for notes in samples])
    theirs = np.array([trait(notes) for notes in held_out])
    return TraitComparison(
        samples_mean=round(float(ours.mean()), 4),
        samples_std=round(float(ours.std()), 4),
        held_out_mean=round(float(theirs.mean()), 4),
        held_out_std=round(float(theirs.std()), 4),
        distance=distance(ours, theirs),
    )


def _num_bars(notes: Notes) -> int:
    return int(notes[-1, START]) // TICKS_PER_BAR + 1


def _onsets(notes: Notes) -> NDArray[np.int64]:
    """The place of each onset on the grid, the piece's last bar being the last."""
    onsets = (notes[:, START] + TICKS_PER_POSITION // 2) // TICKS_PER_POSITION
    return np.minimum(onsets, _num_bars(notes) * POSITIONS_PER_BAR - 1).astype(np.int64)
