"""A file of generated pieces, written for the child that evaluates them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from services.trainer.data.piece import Notes

FILE = "pieces.npz"


def save_pieces(pieces: Sequence[Notes], folder: Path) -> None:
    """Write the notes of all pieces, concatenated, and the length of each."""
    lengths = np.array([len(notes) for notes in pieces], dtype=np.int64)
    notes = np.concatenate([np.zeros((0, 4), dtype=np.int64), *pieces])
    np.savez(folder / FILE, notes=notes, lengths=lengths)


def load_pieces(folder: Path) -> list[Notes]:
    """Read what `save_pieces` wrote."""
    with np.load(folder / FILE) as arrays:
        return np.split(arrays["notes"], np.cumsum(arrays["lengths"])[:-1])
