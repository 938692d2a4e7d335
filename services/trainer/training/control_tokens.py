"""Key and note density of notes, for the control tokens.

The key is estimated with the profiles of Krumhansl and Kessler (1982).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.notes import TICKS_PER_BAR
from services.trainer.data.piece import Notes
from shared.tokenizers.quantization import DURATION, PITCH, START

MAJOR_PROFILE = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR_PROFILE = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
NUM_DENSITIES = 5


def _key_profiles() -> NDArray[np.float64]:
    """[24, 12]: centered profiles of unit length, C to B major, then C to B minor."""
    rows = np.array(
        [np.roll(mode, tonic) for mode in (MAJOR_PROFILE, MINOR_PROFILE) for tonic in range(12)]
    )
    rows -= rows.mean(axis=1, keepdims=True)
    unit: NDArray[np.float64] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


KEY_PROFILES = _key_profiles()


def estimate_key(notes: Notes) -> int:
    """The key with the best-matching profile: 0-11 for C to B major, 12-23 for C to B minor."""
    weights = np.bincount(notes[:, PITCH] % 12, weights=notes[:, DURATION], minlength=12)
    return int((KEY_PROFILES @ weights).argmax())


def transpose_key(key: int, semitones: int) -> int:
    """The key after a transposition."""
    return key // 12 * 12 + (key + semitones) % 12


def note_density(notes: Notes) -> float:
    """Notes per four quarters, from the first onset's bar to the last's."""
    bars = int(notes[-1, START] // TICKS_PER_BAR - notes[0, START] // TICKS_PER_BAR) + 1
    return len(notes) / bars


def density_bounds(densities: Sequence[float]) -> tuple[float, ...]:
    """The densities at which the next class begins: each class has as many of these crops."""
    shares = np.arange(1, NUM_DENSITIES) / NUM_DENSITIES
    return tuple(np.quantile(densities, shares).round(2).tolist())


def density_class(density: float, bounds: Sequence[float]) -> int:
    """The class of a density, 0 to 4."""
    return int(np.searchsorted(bounds, density, side="right"))
