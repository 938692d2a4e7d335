"""Pieces come out of the file as they went in, silent ones too."""

from pathlib import Path

import numpy as np

from services.trainer.data.pieces_file import lay_down, take_up
from tests.unit.services.trainer.conftest import random_piece


def test_pieces_are_laid_down_and_taken_up(tmp_path: Path) -> None:
    silent = np.zeros((0, 4), dtype=np.int64)
    pieces = [random_piece(1).notes, silent, random_piece(2, 7).notes, silent]
    lay_down(pieces, tmp_path)
    again = take_up(tmp_path)
    assert len(again) == 4
    assert all(np.array_equal(one, other) for one, other in zip(pieces, again, strict=True))


def test_silent_pieces_alone_are_pieces(tmp_path: Path) -> None:
    lay_down([np.zeros((0, 4), dtype=np.int64)], tmp_path)
    assert [len(notes) for notes in take_up(tmp_path)] == [0]
