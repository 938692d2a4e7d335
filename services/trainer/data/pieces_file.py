"""Pieces in a file, all notes end to end: what a trainer lays down for a child that is to judge.

Refuses to know who wrote them.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from services.trainer.data.piece import Notes

FILE = "pieces.npz"


def lay_down(pieces: Sequence[Notes], folder: Path) -> None:
    """Write the pieces; nobody reads them before they are whole."""
    lengths = np.array([len(notes) for notes in pieces], dtype=np.int64)
    notes = np.concatenate([np.zeros((0, 4), dtype=np.int64), *pieces])
    np.savez(folder / FILE, notes=notes, lengths=lengths)


def take_up(folder: Path) -> list[Notes]:
    """The pieces again."""
    with np.load(folder / FILE) as kept:
        return np.split(kept["notes"], np.cumsum(kept["lengths"])[:-1])
