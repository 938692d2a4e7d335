"""What a card says of held-out music is what its weights foretell of it."""

import numpy as np

from services.trainer.evaluation.held_out import EXAMINED_NOTES, _opening, held_out, openings
from services.trainer.training.training_data import Prepared
from tests.unit.services.trainer.conftest import random_piece


def test_held_out_pieces_are_whole_and_as_many_as_there_is_time_for(material: Prepared) -> None:
    (dataset,), vocabulary = material.datasets, material.vocabulary
    everything = held_out(dataset, vocabulary, 10**9)
    assert [piece.notes for piece in everything] == [40] * len(dataset.split.held_out)
    assert [piece.seconds for piece in everything] == [
        piece.seconds for piece in dataset.split.held_out
    ]
    spelt = [vocabulary.encode(piece.notes) for piece in dataset.split.held_out]
    assert [piece.tokens.tolist() for piece in everything] == spelt
    assert len(held_out(dataset, vocabulary, 1)) == 1
    both = len(spelt[0]) + len(spelt[1])
    assert len(held_out(dataset, vocabulary, both)) == 2
    assert len(held_out(dataset, vocabulary, both - 1)) == 1


def test_an_opening_ends_on_a_bar_line_and_says_how_many_notes_it_has(material: Prepared) -> None:
    long = random_piece(5, 1000)
    opening = _opening(long.notes)
    assert EXAMINED_NOTES - 8 <= len(opening) <= EXAMINED_NOTES
    assert np.array_equal(opening, long.notes[: len(opening)])
    assert long.notes[len(opening), 0] // 1920 > opening[-1, 0] // 1920
    short = openings(material.datasets[0], material.vocabulary)
    assert {piece.notes for piece in short} == {40}
