"""Pieces are read back as they were written, including silent ones."""

from pathlib import Path

import numpy as np

from services.trainer.data.pieces_file import load_pieces, save_pieces
from tests.unit.services.trainer.conftest import random_piece


def test_pieces_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    silent = np.zeros((0, 4), dtype=np.int64)
    pieces = [random_piece(1).notes, silent, random_piece(2, 7).notes, silent]
    save_pieces(pieces, tmp_path)
    loaded = load_pieces(tmp_path)
    assert len(loaded) == 4
    assert all(np.array_equal(*pair) for pair in zip(pieces, loaded, strict=True))


def test_a_file_of_one_silent_piece_is_read_back(tmp_path: Path) -> None:
    save_pieces([np.zeros((0, 4), dtype=np.int64)], tmp_path)
    assert [len(notes) for notes in load_pieces(tmp_path)] == [0]
