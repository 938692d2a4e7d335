"""A published split is followed to the letter, and a table that is another one is named."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.trainer.data.maestro import TABLE, InvalidTable, split_as_published
from services.trainer.data.piece import Piece
from services.trainer.data.split import Split, TooFewPieces
from tests.unit.services.trainer.conftest import random_piece

HEAD = "canonical_composer,canonical_title,split,midi_filename"


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"foo,bar\n1,2\n", r"no column canonical_composer, canonical_title, midi_filename, split"),
        (b"", "no column"),
        (b"\xff\xfe", "cannot be read"),
        (f"{HEAD}\nBach,Fugue,valid,a.mid\n".encode(), "'valid' for a.mid"),
        (f"{HEAD}\nBach,Fugue\n".encode(), "None for None"),
    ],
)
def test_a_table_of_something_else_is_refused(tmp_path: Path, content: bytes, wrong: str) -> None:
    (tmp_path / TABLE).write_bytes(content)
    with pytest.raises(InvalidTable, match=rf"{wrong}.*or take it away"):
        split_as_published(tmp_path)


def test_a_folder_without_a_table_has_no_split_of_its_own(tmp_path: Path) -> None:
    assert split_as_published(tmp_path) is None


def split_by(folder: Path, sides: list[str], pieces: list[Piece]) -> Split:
    rows = [f"Bach,Fugue,{side},random/{seed}" for seed, side in enumerate(sides)]
    (folder / TABLE).write_text("\n".join([HEAD, *rows]))
    split = split_as_published(folder)
    assert split is not None
    return split(pieces)


@pytest.mark.parametrize("sides", [["train"] * 3, ["validation"] * 3, ["test"] * 3])
def test_a_table_that_leaves_a_side_empty_is_refused(tmp_path: Path, sides: list[str]) -> None:
    with pytest.raises(TooFewPieces, match=r"learns from \d and is judged by \d"):
        split_by(tmp_path, sides, [random_piece(seed) for seed in range(3)])


def test_what_the_table_does_not_name_is_no_duplicate(tmp_path: Path) -> None:
    """Nor is a piece that it names the duplicate of one that it does not."""
    stranger = replace(random_piece(0), name="a stranger")
    again = replace(random_piece(1), name="random/2")
    pieces = [stranger, random_piece(0), random_piece(1), again]
    split = split_by(tmp_path, ["train", "validation", "validation"], pieces)
    assert split.unlisted == ("a stranger",)
    assert split.duplicates == ("random/2",)
    assert [piece.name for piece in split.kept] == ["random/0", "random/1"]
