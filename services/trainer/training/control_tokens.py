"""What music is like, computed from its notes: the prefixes that a model can be asked by.

Key by the profiles of Krumhansl and Kessler (1982). Refuses to know token ids.
"""

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.notes import TICKS_PER_BAR
from services.trainer.data.piece import Notes
from shared.tokenizers.grid import DURATION, PITCH, START

MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
DENSITIES = (4, 8, 16, 32)
"""Notes a bar from which on the next density begins."""


def _profiles() -> NDArray[np.float64]:
    """[24, 12], centred and of unit length: C to B major, then C to B minor."""
    rows = np.array([np.roll(mode, tonic) for mode in (MAJOR, MINOR) for tonic in range(12)])
    rows -= rows.mean(axis=1, keepdims=True)
    unit: NDArray[np.float64] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


PROFILES = _profiles()


def key_of(notes: Notes) -> int:
    """0 to 11 for C to B major, 12 to 23 for C to B minor: the profile that fits best."""
    weights = np.bincount(notes[:, PITCH] % 12, weights=notes[:, DURATION], minlength=12)
    return int((PROFILES @ weights).argmax())


def transpose_key(key: int, semitones: int) -> int:
    """The key after a transposition."""
    return key // 12 * 12 + (key + semitones) % 12


def density_of(notes: Notes) -> int:
    """0 to 4, by notes a bar between the first onset's bar and the last's."""
    bars = int(notes[-1, START] // TICKS_PER_BAR - notes[0, START] // TICKS_PER_BAR) + 1
    return int(np.searchsorted(DENSITIES, len(notes) / bars, side="right"))
