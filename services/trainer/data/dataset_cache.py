"""The cache of a parsed data set: memory-mapped notes, and an index."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from ostinato.schemas.notes import Metre
from services.trainer.data.parsed_file import Skipped, SkipReason
from services.trainer.data.piece import Piece
from services.trainer.data.split import Split

NOTES_FILE, INDEX_FILE = "notes.npy", "index.json"


class Side(StrEnum):
    """The side of the split that a piece belongs to."""

    TRAIN = "train"
    HELD_OUT = "held_out"
    TEST = "test"


def write_split(folder: Path, split: Split, skipped: dict[str, Skipped]) -> None:
    """Write the concatenated notes of all pieces, and the index."""
    notes = np.concatenate([piece.notes for piece in split.used]).astype(np.int32)
    np.save(folder / NOTES_FILE, notes)
    sides = {Side.TRAIN: split.train, Side.HELD_OUT: split.held_out, Side.TEST: split.test}
    index = {
        "duplicate_groups": split.duplicate_groups,
        "skipped": skipped,
        "pieces": [
            {
                "name": piece.name,
                "num_notes": len(piece.notes),
                "seconds": piece.seconds,
                "side": side,
            }
            | ({"metres": piece.metres} if piece.metres else {})
            for side, pieces in sides.items()
            for piece in pieces
        ],
    }
    (folder / INDEX_FILE).write_text(json.dumps(index), encoding="utf-8")


def read_split(folder: Path) -> tuple[Split, dict[str, Skipped]]:
    """Read what `write_split` wrote; the notes stay in the file until they are used."""
    index: dict[str, Any] = json.loads((folder / INDEX_FILE).read_bytes())
    notes = np.load(folder / NOTES_FILE, mmap_mode="r")
    sides: dict[Side, list[Piece]] = {side: [] for side in Side}
    end = 0
    for entry in index["pieces"]:
        begin, end = end, end + entry["num_notes"]
        piece = Piece(
            name=entry["name"],
            notes=notes[begin:end],
            metres=tuple(map(Metre, entry.get("metres", ()))),
            seconds=entry["seconds"],
        )
        sides[Side(entry["side"])].append(piece)
    skipped = {
        name: Skipped(SkipReason(reason), detail)
        for name, (reason, detail) in index["skipped"].items()
    }

    def skipped_for(wanted: SkipReason) -> tuple[str, ...]:
        return tuple(name for name, piece in skipped.items() if piece.reason is wanted)

    split = Split(
        train=tuple(sides[Side.TRAIN]),
        held_out=tuple(sides[Side.HELD_OUT]),
        test=tuple(sides[Side.TEST]),
        duplicates=skipped_for(SkipReason.DUPLICATE),
        unlisted=skipped_for(SkipReason.UNLISTED),
        duplicate_groups=index["duplicate_groups"],
    )
    return split, skipped
