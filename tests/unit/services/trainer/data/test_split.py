"""What is held out shares nothing with what is learnt from."""

from services.trainer.data.piece import Piece
from services.trainer.data.split import split_pieces
from tests.unit.services.trainer.conftest import random_piece

MANY = [random_piece(seed) for seed in range(300)]


def renamed(piece: Piece, name: str) -> Piece:
    return Piece(name=name, notes=piece.notes)


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


def test_variants_of_a_tune_are_never_on_two_sides() -> None:
    """Another ending, another key, half the note values: still the same tune."""
    variants = []
    for seed in range(100):
        notes = random_piece(seed).transposed(3).notes.copy()
        notes[:, :2] //= 2
        notes[-8:, 2] = random_piece(seed + 1000).notes[-8:, 2]
        variants.append(Piece(name=f"variant/{seed}", notes=notes))
    split = split_pieces([*MANY[:100], *variants])
    held_out = {name.split("/")[1] for name in names(split.held_out)}
    learnt = {name.split("/")[1] for name in names(split.train)}
    assert held_out
    assert not held_out & learnt
    assert split.families == 100
