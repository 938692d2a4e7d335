"""A published split is used as it is, and other tables are rejected."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.trainer.data.maestro import TABLE, InvalidTable, published_split
from services.trainer.data.piece import Piece
from services.trainer.data.split import Split, TooFewPieces
from tests.unit.services.trainer.conftest import random_piece

HEADER = "canonical_composer,canonical_title,split,midi_filename"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"foo,bar\n1,2\n", r"no column canonical_composer, canonical_title, midi_filename, split"),
        (b"", "no column"),
        (b"\xff\xfe", "cannot be read"),
        (f"{HEADER}\nBach,Fugue,valid,a.mid\n".encode(), "'valid' for a.mid"),
        (f"{HEADER}\nBach,Fugue\n".encode(), "None for None"),
    ],
)
def test_a_table_of_another_format_is_rejected(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    (tmp_path / TABLE).write_bytes(content)
    with pytest.raises(InvalidTable, match=rf"{problem}.*or remove it"):
        published_split(tmp_path)


def test_a_folder_without_a_table_has_no_published_split(tmp_path: Path) -> None:
    assert published_split(tmp_path) is None


def split_by(folder: Path, sides: list[str], pieces: list[Piece]) -> Split:
    rows = [f"Bach,Fugue,{side},random/{seed}" for seed, side in enumerate(sides)]
    (folder / TABLE).write_text("\n".join([HEADER, *rows]))
    split = published_split(folder)
    assert split is not None
    return split(pieces)


@pytest.mark.parametrize("sides", [["train"] * 3, ["validation"] * 3, ["test"] * 3])
def test_a_table_that_leaves_a_side_empty_is_rejected(tmp_path: Path, sides: list[str]) -> None:
    with pytest.raises(TooFewPieces, match=r"has \d training and \d held-out"):
        split_by(tmp_path, sides, [random_piece(seed) for seed in range(3)])


def test_an_unlisted_piece_is_not_a_duplicate(tmp_path: Path) -> None:
    """A listed piece is not a duplicate of an unlisted one either."""
    unlisted = replace(random_piece(0), name="unlisted")
    duplicate = replace(random_piece(1), name="random/2")
    pieces = [unlisted, random_piece(0), random_piece(1), duplicate]
    split = split_by(tmp_path, ["train", "validation", "validation"], pieces)
    assert split.unlisted == ("unlisted",)
    assert split.duplicates == ("random/2",)
    assert [piece.name for piece in split.used] == ["random/0", "random/1"]
