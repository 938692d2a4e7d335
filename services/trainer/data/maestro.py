"""The published train/validation/test split of MAESTRO, read from its CSV table."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

from services.trainer.data.piece import Piece
from services.trainer.data.split import Split, TooFewPieces, deduplicate
from shared.errors import UserError

TABLE = "maestro-v3.0.0.csv"
FILE, SIDE, COMPOSER, TITLE = "midi_filename", "split", "canonical_composer", "canonical_title"
TRAIN, HELD_OUT, TEST = "train", "validation", "test"
"""Values of the split column."""


class InvalidTable(UserError):
    """The split table of a folder does not have the format of MAESTRO's table."""

    code = "invalid_table"
    status = 422

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(
            f"{path} {problem}; replace it with the table of MAESTRO v3.0.0, or remove it to split "
            "the set by content."
        )


def published_split(folder: Path) -> Callable[[Sequence[Piece]], Split] | None:
    """A function that splits pieces by the table in the folder; None if there is no table.

    Raises:
        InvalidTable: the table is unreadable or lacks columns.
        TooFewPieces: (when splitting) the training or the held-out side has no piece.
    """
    path = folder / TABLE
    if not path.exists():
        return None
    rows = _read(path)
    return lambda pieces: _split(pieces, rows)


def _read(path: Path) -> dict[str, dict[str, str]]:
    """The rows of the table by file name."""
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
            raise InvalidTable(path, f"has an unknown {SIDE} {row[SIDE]!r} for {row[FILE]}")
    return {row[FILE]: row for row in rows}


def _split(pieces: Sequence[Piece], rows: dict[str, dict[str, str]]) -> Split:
    listed = [piece for piece in pieces if piece.name in rows]
    used = deduplicate(listed)
    names = {piece.name for piece in used}

    def side(name: str) -> tuple[Piece, ...]:
        return tuple(piece for piece in used if rows[piece.name][SIDE] == name)

    train, held_out = side(TRAIN), side(HELD_OUT)
    if not train or not held_out:
        raise TooFewPieces(
            f"By {TABLE}, the folder has {len(train)} training and {len(held_out)} held-out "
            "pieces; add the missing files, or remove the table to split the set by content."
        )
    return Split(
        train=train,
        held_out=held_out,
        test=side(TEST),
        duplicates=tuple(piece.name for piece in listed if piece.name not in names),
        unlisted=tuple(piece.name for piece in pieces if piece.name not in rows),
        duplicate_groups=len({(rows[name][COMPOSER], rows[name][TITLE]) for name in names}),
    )
