"""Which held-out pieces a version is scored on, whole and by their openings."""

import numpy as np

from services.trainer.evaluation.held_out import (
    OPENING_NOTES,
    _opening,
    held_out_pieces,
    piece_openings,
)
from services.trainer.training.training_data import TrainingData
from tests.unit.services.trainer.conftest import random_piece


def test_held_out_pieces_are_whole_and_limited_by_their_tokens(
    training_data: TrainingData,
) -> None:
    (dataset,), tokenizer = training_data.datasets, training_data.tokenizer
    all_pieces = held_out_pieces(dataset, tokenizer, 10**9)
    assert [piece.num_notes for piece in all_pieces] == [40] * len(dataset.split.held_out)
    assert [piece.seconds for piece in all_pieces] == [
        piece.seconds for piece in dataset.split.held_out
    ]
    tokens = [tokenizer.encode(piece.notes) for piece in dataset.split.held_out]
    assert [piece.tokens.tolist() for piece in all_pieces] == tokens
    assert len(held_out_pieces(dataset, tokenizer, 1)) == 1
    two_pieces = len(tokens[0]) + len(tokens[1])
    assert len(held_out_pieces(dataset, tokenizer, two_pieces)) == 2
    assert len(held_out_pieces(dataset, tokenizer, two_pieces - 1)) == 1


def test_an_opening_ends_at_a_bar_line_and_counts_its_notes(training_data: TrainingData) -> None:
    long = random_piece(5, 1000)
    opening = _opening(long)
    assert OPENING_NOTES - 8 <= len(opening) <= OPENING_NOTES
    assert np.array_equal(opening, long.notes[: len(opening)])
    assert long.notes[len(opening), 0] // 1920 > opening[-1, 0] // 1920
    short = piece_openings(training_data.datasets[0], training_data.tokenizer)
    assert {piece.num_notes for piece in short} == {40}
