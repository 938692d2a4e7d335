"""Musical features of a piece, to compare samples with held-out pieces.

A higher value is not better: what matters is the distance to the held-out pieces. All features
except `repetition` are metrics of muspy (Dong et al. 2020).
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.evaluations import FeatureComparison
from ostinato.schemas.notes import TICKS_PER_BAR
from services.trainer.data.piece import Notes, iter_interval_ngrams
from shared.tokenizers.quantization import DURATION, PITCH, START
from shared.tokenizers.symbols import POSITIONS_PER_BAR, TICKS_PER_POSITION

MAJOR = np.array([0, 2, 4, 5, 7, 9, 11])
MOTIF_INTERVALS = 6
"""Number of pitch intervals in a motif; a repetition of this length is audible."""
EPSILON = 1e-9
"""Values smaller than this are rounding errors."""
QUANTILES = np.linspace(0.005, 0.995, 100)


def pitch_class_entropy(notes: Notes) -> float:
    """Entropy in bits: 0 for a single pitch class, 3.58 for twelve equally frequent ones."""
    shares = np.bincount(notes[:, PITCH] % 12, minlength=12) / len(notes)
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())


def scale_consistency(notes: Notes) -> float:
    """The share of notes in the major scale that contains most of them."""
    classes = notes[:, PITCH] % 12
    return max(float(np.isin(classes, (MAJOR + tonic) % 12).mean()) for tonic in range(12))


def groove_consistency(notes: Notes) -> float:
    """Similarity of the onset positions of consecutive bars (Wu and Yang 2020); 1 if equal."""
    has_onset = np.zeros((_num_bars(notes), POSITIONS_PER_BAR), dtype=bool)
    has_onset.flat[_onsets(notes)] = True
    if len(has_onset) < 2:  # noqa: PLR2004 - a pair of bars
        return 1.0
    return float(1 - (has_onset[1:] != has_onset[:-1]).mean())


def notes_per_bar(notes: Notes) -> float:
    """Notes per bar, up to the last onset; independent of the tempo."""
    return len(notes) / _num_bars(notes)


def polyphony(notes: Notes) -> float:
    """Mean number of simultaneous notes, over the grid positions where at least one sounds."""
    begin = _onsets(notes)
    end_ticks = notes[:, START] + notes[:, DURATION]
    end = np.maximum(begin + 1, (end_ticks + TICKS_PER_POSITION - 1) // TICKS_PER_POSITION)
    change = np.zeros(int(end.max()) + 1, dtype=np.int64)
    np.add.at(change, begin, 1)
    np.add.at(change, end, -1)
    sounding = change.cumsum()
    return float(sounding[sounding > 0].mean())


def repetition(notes: Notes) -> float:
    """The share of motifs that occurred earlier in the piece, in any key."""
    motifs = list(iter_interval_ngrams(notes, MOTIF_INTERVALS))
    return 1 - len(set(motifs)) / max(1, len(motifs))


FEATURES: dict[str, Callable[[Notes], float]] = {
    "pitch_class_entropy_bits": pitch_class_entropy,
    "scale_consistency": scale_consistency,
    "groove_consistency": groove_consistency,
    "notes_per_bar": notes_per_bar,
    "polyphony": polyphony,
    "repetition_share": repetition,
}


def distance(samples: NDArray[np.float64], held_out: NDArray[np.float64]) -> float | None:
    """Distance between two distributions, in standard deviations of the held-out one.

    It is the first Wasserstein distance: the mean gap between their quantiles. It is None if there
    is a gap but the held-out distribution has no variance, so that there is no unit.
    """
    gap = np.abs(np.quantile(samples, QUANTILES) - np.quantile(held_out, QUANTILES)).mean()
    spread = float(held_out.std())
    if gap > EPSILON and spread < EPSILON:
        return None
    return round(float(gap) / max(spread, EPSILON), 4)


def compare(samples: Sequence[Notes], held_out: Sequence[Notes]) -> dict[str, FeatureComparison]:
    """Every feature of samples and held-out pieces, with the distance between them."""
    return {name: _compare(feature, samples, held_out) for name, feature in FEATURES.items()}


def _compare(
    feature: Callable[[Notes], float], samples: Sequence[Notes], held_out: Sequence[Notes]
) -> FeatureComparison:
    sample_values = np.array([feature(notes) for notes in samples])
    held_out_values = np.array([feature(notes) for notes in held_out])
    return FeatureComparison(
        samples_mean=round(float(sample_values.mean()), 4),
        samples_std=round(float(sample_values.std()), 4),
        held_out_mean=round(float(held_out_values.mean()), 4),
        held_out_std=round(float(held_out_values.std()), 4),
        distance=distance(sample_values, held_out_values),
    )


def _num_bars(notes: Notes) -> int:
    return int(notes[-1, START]) // TICKS_PER_BAR + 1


def _onsets(notes: Notes) -> NDArray[np.int64]:
    """The grid position of each onset, clipped to the last bar."""
    onsets = (notes[:, START] + TICKS_PER_POSITION // 2) // TICKS_PER_POSITION
    return np.minimum(onsets, _num_bars(notes) * POSITIONS_PER_BAR - 1).astype(np.int64)
