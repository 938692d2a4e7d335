"""What is held out shares nothing with what is learnt from."""

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


def test_about_a_tenth_is_held_out_and_nothing_is_lost() -> None:
    split = split_pieces(MANY)
    assert names(split.train) | names(split.held_out) == names(tuple(MANY))
    assert not names(split.train) & names(split.held_out)
    assert 15 <= len(split.held_out) <= 45


def test_the_same_music_in_another_key_counts_once_and_the_first_name_stays() -> None:
    other = renamed(MANY[0].transposed(5), "another name")
    split = split_pieces([*MANY, other])
    assert split.duplicates == ("another name",)
    assert MANY[0].name in names(split.train + split.held_out)


def test_order_and_names_change_nothing() -> None:
    there = split_pieces(MANY)
    back = split_pieces([renamed(piece, piece.name + "!") for piece in reversed(MANY)])
    assert {name + "!" for name in names(there.held_out)} == names(back.held_out)


def variant(seed: int, bars_of_its_own: int) -> Piece:
    """The tune in another key and half the note values, and from some note on another tune."""
    piece = random_piece(seed).transposed(3)
    notes = piece.notes.copy()
    notes[:, :2] //= 2
    notes[-bars_of_its_own:, 2] = random_piece(seed + 1000).notes[-bars_of_its_own:, 2]
    return replace(piece, name=f"variant/{seed}", notes=notes)


def test_variants_of_a_tune_are_never_on_two_sides() -> None:
    """They share less than half of it: two pieces, one family."""
    split = split_pieces([*MANY[:100], *(variant(seed, 24) for seed in range(100))])
    held_out = {name.split("/")[1] for name in names(split.held_out)}
    learnt = {name.split("/")[1] for name in names(split.train)}
    assert held_out
    assert not held_out & learnt
    assert len(split.kept) == 200
    assert split.families == 100


def test_a_tune_with_another_ending_counts_once_and_the_longer_one_stays() -> None:
    longer = variant(0, 8)
    more = random_piece(2000, 4).notes + np.array([longer.notes[-1, 0] + 480, 0, 0, 0])
    longer = replace(longer, notes=np.concatenate((longer.notes, more)))
    split = split_pieces([*MANY[:100], longer])
    assert split.duplicates == (MANY[0].name,)
    assert longer.name in names(split.kept)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_a_small_set_has_both_sides(count: int) -> None:
    split = split_pieces(MANY[:count])
    assert split.held_out
    assert split.train


def medley(seed: int, tune: Piece) -> Piece:
    """A third of the tune, and then music of its own."""
    notes = random_piece(seed + 3000, 60).notes.copy()
    notes[:20, 2] = tune.notes[:20, 2]
    return Piece(name=f"medley/{seed}", notes=notes, seconds=30)


@pytest.mark.parametrize("tune", range(20))
def test_a_family_that_is_more_than_half_of_the_set_is_learnt_from(tune: int) -> None:
    kindred = [medley(seed, MANY[tune]) for seed in range(30)]
    split = split_pieces([*kindred, MANY[tune + 20]])
    assert split.families == 2
    assert names(split.held_out) == {MANY[tune + 20].name}


@pytest.mark.parametrize("first", range(0, 300, 6))
def test_more_is_learnt_from_than_held_out(first: int) -> None:
    split = split_pieces(MANY[first : first + 3])
    assert (len(split.train), len(split.held_out)) == (2, 1)


def with_figure(piece: Piece) -> Piece:
    """After one and the same figure, which is shorter than a tenth of it."""
    figure = np.array([[at * 240, 240, 60, 80] for at in range(-11, 0)])
    return replace(piece, notes=np.concatenate((figure, piece.notes)))


def test_a_figure_that_all_have_makes_no_pair_of_each_two(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []

    def count(pairs: Iterable[Pair]) -> Counter[Pair]:
        shared = Counter(pairs)
        counted.append(len(shared))
        return shared

    monkeypatch.setattr(module, "Counter", count)
    split = split_pieces([with_figure(piece) for piece in MANY])
    assert split.families == len(MANY)
    assert sum(counted) <= module.NEIGHBOURS * len(MANY) < len(MANY) * (len(MANY) - 1) / 2


def test_a_family_of_any_size_is_one() -> None:
    """Also if each of its runs is in more pieces than are compared with one another."""
    kindred = [medley(seed, MANY[0]) for seed in range(3 * module.NEIGHBOURS)]
    assert split_pieces([*kindred, *MANY[1:50]]).families == 50


def test_a_set_of_one_piece_is_refused_under_however_many_names() -> None:
    with pytest.raises(TooFewPieces, match="1 pieces"):
        split_pieces([MANY[0], renamed(MANY[0].transposed(2), "again"), variant(0, 4)])
