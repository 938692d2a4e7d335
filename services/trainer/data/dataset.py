"""A data set by name: read once, kept as one file of arrays, split by family.

Refuses to fall back to other music: a name that is not here is an error that lists those that are.
"""

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.trainer.data import music21_corpus
from services.trainer.data.music21_corpus import Reading
from services.trainer.data.piece import Piece
from services.trainer.data.score import Reason
from services.trainer.data.split import Split, split_pieces
from shared.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of every piece that was found; the counts add up."""

    found: int
    left_out: dict[str, int]
    """Pieces by reason."""
    kept: int
    families: int
    train: int
    held_out: int
    notes: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Pieces to learn from, pieces to be judged by, and how they came about."""

    name: str
    licence: str
    folders: dict[str, int]
    """Kept pieces by the folder that they come from."""
    split: Split
    left_out: dict[str, Reason]
    """Every piece that is not used, and why."""
    report: Report

    def list_left_out(self, path: Path) -> None:
        """Write a line `reason<TAB>name` for each piece that is not used."""
        lines = sorted(f"{reason}\t{name}\n" for name, reason in self.left_out.items())
        path.write_text("".join(lines), encoding="utf-8")


def load_dataset(name: str, home: Path) -> Dataset:
    """The data set `name`; the first call reads the scores, later ones a file under `home`."""
    if name != "music21":
        raise NotFound("dataset", name, known=["music21"])
    begun = time.monotonic()
    readings = _cached_readings(home / "datasets" / f"music21-{music21_corpus.cache_key()}.npz")
    pieces = [Piece(name=one.name, notes=one.notes) for one in readings if one.notes is not None]
    split = split_pieces(pieces)
    left_out = {one.name: one.reason for one in readings if one.reason is not None}
    left_out |= dict.fromkeys(split.duplicates, Reason.DUPLICATE)
    folders = (piece.name.partition("/")[0] for piece in split.train + split.held_out)
    return Dataset(
        name=name,
        licence=music21_corpus.LICENCE,
        folders=dict(Counter(folders)),
        split=split,
        left_out=left_out,
        report=_report(split, Counter(left_out.values()), time.monotonic() - begun),
    )


def _report(split: Split, left_out: Counter[Reason], seconds: float) -> Report:
    kept = split.train + split.held_out
    return Report(
        found=len(kept) + left_out.total(),
        left_out={str(reason): count for reason, count in left_out.most_common()},
        kept=len(kept),
        families=split.families,
        train=len(split.train),
        held_out=len(split.held_out),
        notes=sum(len(piece.notes) for piece in kept),
        seconds=round(seconds, 1),
    )


def _cached_readings(path: Path) -> list[Reading]:
    """The file's readings; it is written first where it is missing."""
    if not path.exists():
        write_readings(path, music21_corpus.read_all(music21_corpus.sources()))
    return read_readings(path)


def write_readings(path: Path, readings: list[Reading]) -> None:
    """All notes end to end, and for each reading its name, its reason and how many are its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    empty = np.zeros((0, 4), dtype=np.int64)
    notes = [empty if one.notes is None else one.notes for one in readings]
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(
        partial,
        notes=np.concatenate(notes).astype(np.int32),
        lengths=np.array([len(part) for part in notes]),
        names=np.array([one.name for one in readings]),
        reasons=np.array([str(one.reason or "") for one in readings]),
    )
    partial.replace(path)


def read_readings(path: Path) -> list[Reading]:
    """What `write_readings` wrote."""
    with np.load(path) as file:
        notes = np.split(file["notes"].astype(np.int64), np.cumsum(file["lengths"])[:-1])
        rows = zip(file["names"].tolist(), file["reasons"].tolist(), notes, strict=True)
    return [
        Reading(name=name, reason=Reason(reason)) if reason else Reading(name=name, notes=part)
        for name, reason, part in rows
    ]
