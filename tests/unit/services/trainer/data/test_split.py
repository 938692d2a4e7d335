"""Held-out pieces share no music with training pieces."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from services.trainer.data import split as module
from services.trainer.data.piece import Piece
from services.trainer.data.split import Pair, TooFewPieces, split_pieces
from tests.unit.services.trainer.conftest import random_piece

MANY = [random_piece(seed) for seed in range(300)]


def renamed(piece: Piece, name: str) -> Piece:
    return replace(piece, name=name)


def names(pieces: tuple[Piece, ...]) -> set[str]:
    return {piece.name for piece in pieces}


def test_about_a_tenth_of_the_pieces_is_held_out_and_none_is_lost() -> None:
    split = split_pieces(MANY)
    assert names(split.train) | names(split.held_out) == names(tuple(MANY))
    assert not names(split.train) & names(split.held_out)
    assert 15 <= len(split.held_out) <= 45


def test_a_transposed_duplicate_is_dropped_and_the_first_name_kept() -> None:
    other = renamed(MANY[0].transposed(5), "another name")
    split = split_pieces([*MANY, other])
    assert split.duplicates == ("another name",)
    assert MANY[0].name in names(split.train + split.held_out)


def test_the_split_does_not_depend_on_order_and_names() -> None:
    split = split_pieces(MANY)
    reversed_split = split_pieces([renamed(piece, piece.name + "!") for piece in reversed(MANY)])
    assert {name + "!" for name in names(split.held_out)} == names(reversed_split.held_out)


def variant(seed: int, changed_notes: int) -> Piece:
    """The piece in another key and at double speed, with the last notes of another piece."""
    piece = random_piece(seed).transposed(3)
    notes = piece.notes.copy()
    notes[:, :2] //= 2
    notes[-changed_notes:, 2] = random_piece(seed + 1000).notes[-changed_notes:, 2]
    return replace(piece, name=f"variant/{seed}", notes=notes)


def test_variants_of_a_piece_are_on_one_side() -> None:
    """They share less than half of their n-grams, so both are used and are in one group."""
    split = split_pieces([*MANY[:100], *(variant(seed, 24) for seed in range(100))])
    held_out = {name.split("/")[1] for name in names(split.held_out)}
    train = {name.split("/")[1] for name in names(split.train)}
    assert held_out
    assert not held_out & train
    assert len(split.used) == 200
    assert split.duplicate_groups == 100


def test_the_longer_of_two_pieces_with_different_endings_is_used() -> None:
    longer = variant(0, 8)
    ending = random_piece(2000, 4).notes + np.array([longer.notes[-1, 0] + 480, 0, 0, 0])
    longer = replace(longer, notes=np.concatenate((longer.notes, ending)))
    split = split_pieces([*MANY[:100], longer])
    assert split.duplicates == (MANY[0].name,)
    assert longer.name in names(split.used)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_a_small_set_has_both_sides(count: int) -> None:
    split = split_pieces(MANY[:count])
    assert split.held_out
    assert split.train


def medley(seed: int, tune: Piece) -> Piece:
    """The first third of the piece, followed by other notes."""
    notes = random_piece(seed + 3000, 60).notes.copy()
    notes[:20, 2] = tune.notes[:20, 2]
    return Piece(name=f"medley/{seed}", notes=notes, seconds=30)


@pytest.mark.parametrize("tune", range(20))
def test_a_group_of_more_than_half_of_the_set_is_never_held_out(tune: int) -> None:
    group = [medley(seed, MANY[tune]) for seed in range(30)]
    split = split_pieces([*group, MANY[tune + 20]])
    assert split.duplicate_groups == 2
    assert names(split.held_out) == {MANY[tune + 20].name}


@pytest.mark.parametrize("first", range(0, 300, 6))
def test_more_pieces_are_trained_on_than_held_out(first: int) -> None:
    split = split_pieces(MANY[first : first + 3])
    assert (len(split.train), len(split.held_out)) == (2, 1)


def with_motif(piece: Piece) -> Piece:
    """The piece after a motif that is shorter than a tenth of the piece."""
    motif = np.array([[i * 240, 240, 60, 80] for i in range(-11, 0)])
    return replace(piece, notes=np.concatenate((motif, piece.notes)))


def test_pieces_that_share_a_motif_are_not_all_compared_with_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    num_pairs: list[int] = []

    def count(pairs: Iterable[Pair]) -> Counter[Pair]:
        shared = Counter(pairs)
        num_pairs.append(len(shared))
        return shared

    monkeypatch.setattr(module, "Counter", count)
    split = split_pieces([with_motif(piece) for piece in MANY])
    assert split.duplicate_groups == len(MANY)
    assert sum(num_pairs) <= module.COMPARISON_WINDOW * len(MANY) < len(MANY) * (len(MANY) - 1) / 2


def test_a_group_of_any_size_stays_connected() -> None:
    """This also holds if more pieces share an n-gram than are compared with each other."""
    group = [medley(seed, MANY[0]) for seed in range(3 * module.COMPARISON_WINDOW)]
    assert split_pieces([*group, *MANY[1:50]]).duplicate_groups == 50


def test_a_set_of_one_piece_under_several_names_is_rejected() -> None:
    with pytest.raises(TooFewPieces, match="1 pieces"):
        split_pieces([MANY[0], renamed(MANY[0].transposed(2), "again"), variant(0, 4)])
