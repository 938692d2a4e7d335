"""A split that a data set publishes itself: the table that comes with MAESTRO.

Refuses to move a piece to another side.
"""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

from services.trainer.data.piece import Piece
from services.trainer.data.split import Split, unique

TABLE = "maestro-v3.0.0.csv"
FILE, SIDE, COMPOSER, TITLE = "midi_filename", "split", "canonical_composer", "canonical_title"


def split_as_published(folder: Path) -> Callable[[Sequence[Piece]], Split] | None:
    """The split that a folder's own table prescribes; None if it has no such table."""
    path = folder / TABLE
    if not path.exists():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row[FILE]: row for row in csv.DictReader(file)}
    return lambda pieces: _split(pieces, rows)


def _split(pieces: Sequence[Piece], rows: dict[str, dict[str, str]]) -> Split:
    kept = [piece for piece in unique(pieces) if piece.name in rows]
    names = {piece.name for piece in kept}
    works = {(rows[name][COMPOSER], rows[name][TITLE]) for name in names}

    def side(name: str) -> tuple[Piece, ...]:
        return tuple(piece for piece in kept if rows[piece.name][SIDE] == name)

    return Split(
        train=side("train"),
        held_out=side("validation"),
        test=side("test"),
        duplicates=tuple(piece.name for piece in pieces if piece.name not in names),
        families=len(works),
    )
