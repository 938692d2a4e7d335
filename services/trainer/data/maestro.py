"""A split that a data set publishes itself: the table that comes with MAESTRO.

Refuses to move a piece to another side.
"""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

from services.trainer.data.piece import Piece
from services.trainer.data.split import Split, TooFewPieces, unique
from shared.errors import UserError

TABLE = "maestro-v3.0.0.csv"
FILE, SIDE, COMPOSER, TITLE = "midi_filename", "split", "canonical_composer", "canonical_title"
TRAIN, HELD_OUT, TEST = "train", "validation", "test"
"""What the table calls the sides."""


class InvalidTable(UserError):
    """A folder's table is not the one that MAESTRO has; the detail says what is wrong with it."""

    code = "invalid_table"
    status = 422

    def __init__(self, path: Path, wrong: str) -> None:
        super().__init__(
            f"{path} {wrong}; put the table of MAESTRO v3.0.0 there, or take it away and the set "
            "is split by its content."
        )


def split_as_published(folder: Path) -> Callable[[Sequence[Piece]], Split] | None:
    """The split that a folder's own table prescribes; None if it has no such table.

    Raises:
        InvalidTable: it has one, of something else.
        TooFewPieces: (on splitting) the table leaves one side without a piece.
    """
    path = folder / TABLE
    if not path.exists():
        return None
    rows = _read(path)
    return lambda pieces: _split(pieces, rows)


def _read(path: Path) -> dict[str, dict[str, str]]:
    """Rows by file."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            table = csv.DictReader(file)
            columns, rows = set(table.fieldnames or ()), list(table)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidTable(path, f"cannot be read ({error})") from error
    if missing := {FILE, SIDE, COMPOSER, TITLE} - columns:
        raise InvalidTable(path, f"has no column {', '.join(sorted(missing))}")
    for row in rows:
        if row[SIDE] not in (TRAIN, HELD_OUT, TEST):
            raise InvalidTable(path, f"names the side {row[SIDE]!r} for {row[FILE]}")
    return {row[FILE]: row for row in rows}


def _split(pieces: Sequence[Piece], rows: dict[str, dict[str, str]]) -> Split:
    listed = [piece for piece in pieces if piece.name in rows]
    kept = unique(listed)
    names = {piece.name for piece in kept}

    def side(name: str) -> tuple[Piece, ...]:
        return tuple(piece for piece in kept if rows[piece.name][SIDE] == name)

    train, held_out = side(TRAIN), side(HELD_OUT)
    if not train or not held_out:
        raise TooFewPieces(
            f"By its own {TABLE} a model learns from {len(train)} and is judged by {len(held_out)} "
            "pieces that are here; add the others, or take the table away."
        )
    return Split(
        train=train,
        held_out=held_out,
        test=side(TEST),
        duplicates=tuple(piece.name for piece in listed if piece.name not in names),
        unlisted=tuple(piece.name for piece in pieces if piece.name not in rows),
        families=len({(rows[name][COMPOSER], rows[name][TITLE]) for name in names}),
    )
