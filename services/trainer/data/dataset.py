"""A data set by name: read once, split, and kept as a file of notes that is mapped into memory.

The cache's name holds a hash of all files and of the way that they are read, so what is in it is
never stale. Refuses to fall back to other music.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import numpy as np

from services.trainer.data import music21_corpus
from services.trainer.data.atomic_folder import whole
from services.trainer.data.catalog import CATALOGUE, MUSIC21, find_folder
from services.trainer.data.maestro import TABLE, split_as_published
from services.trainer.data.midi_files import midi_files, name_of, read_all
from services.trainer.data.parsed_file import MAX_BYTES, Reading, Reason
from services.trainer.data.piece import Piece
from services.trainer.data.split import Split, split_pieces
from shared.errors import UserError

FORMAT_VERSION = 8
"""Raised when the same files would be read as other notes or seconds, or split otherwise."""
NOTES, INDEX = "notes.npy", "index.json"


class NothingToLearn(UserError):
    """A data set has no usable piece; the detail counts the reasons."""

    code = "nothing_to_learn"
    status = 422


class Side(StrEnum):
    """Where a piece is used."""

    TRAIN = "train"
    HELD_OUT = "held_out"
    TEST = "test"


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
    test: int
    notes: int
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Pieces to learn from, pieces to be judged by, and how they came about."""

    name: str
    about: str
    licence: str
    performed: bool
    """Its notes know no beat."""
    key: str
    """Changes with its files and with the way that they are read and split."""
    split: Split
    left_out: dict[str, Reason]
    """Every piece that is not used, and why."""

    @property
    def report(self) -> Report:
        """The counts."""
        kept = self.split.kept
        reasons = Counter(self.left_out.values())
        return Report(
            found=len(kept) + reasons.total(),
            left_out={str(reason): count for reason, count in reasons.most_common()},
            kept=len(kept),
            families=self.split.families,
            train=len(self.split.train),
            held_out=len(self.split.held_out),
            test=len(self.split.test),
            notes=sum(len(piece.notes) for piece in kept),
            hours=round(sum(piece.seconds for piece in kept) / 3600, 2),
        )

    def list_left_out(self, path: Path) -> None:
        """Write a line `reason<TAB>name` for each piece that is not used."""
        lines = sorted(f"{reason}\t{name}\n" for name, reason in self.left_out.items())
        path.write_text("".join(lines), encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """How a data set is read, once it is known where it lies."""

    name: str
    about: str
    licence: str
    performed: bool
    sha256: str
    read: Callable[[], list[Reading]]
    split: Callable[[Sequence[Piece]], Split]

    @classmethod
    def of_corpus(cls) -> Self:
        """The scores that come with music21."""
        return cls(
            name=MUSIC21,
            about="scores of the music21 package",
            licence=music21_corpus.LICENCE,
            performed=False,
            sha256=music21_corpus.cache_key(),
            read=lambda: music21_corpus.read_all(music21_corpus.sources()),
            split=split_pieces,
        )

    @classmethod
    def of_name(cls, name: str, data: Path | None) -> Self:
        """A named set; DatasetNotFound if it is not on this machine."""
        if name == MUSIC21:
            return cls.of_corpus()
        folder, entry = find_folder(name, data), CATALOGUE[name]
        return cls.of_folder(
            folder, name=name, about=entry.about, licence=entry.licence, performed=entry.performed
        )

    @classmethod
    def of_folder(
        cls, folder: Path, *, name: str, about: str, licence: str, performed: bool = False
    ) -> Self:
        """The MIDI files below a folder."""
        files = midi_files(folder)
        published = split_as_published(folder)
        tables = [folder / TABLE] if published else []
        return cls(
            name=name,
            about=about,
            licence=licence,
            performed=performed,
            sha256=_digest(folder, [*files, *tables]),
            read=lambda: read_all(folder, files),
            split=published or split_pieces,
        )


def load_dataset(source: Source, home: Path) -> Dataset:
    """The data set; the first call reads its files, later ones a cache under `home`.

    Raises:
        NothingToLearn: it has no usable piece.
        TooFewPieces: it cannot be split.
    """
    key = hashlib.sha256(f"{FORMAT_VERSION} {source.sha256}".encode()).hexdigest()[:16]
    folder = home / "datasets" / f"{source.name}-{key}"
    if not (folder / INDEX).exists():
        split, left_out = _split(source)
        with whole(folder, INDEX) as unfinished:
            _write(unfinished, split, left_out)
    split, left_out = _read(folder)
    return Dataset(
        name=source.name,
        about=source.about,
        licence=source.licence,
        performed=source.performed,
        key=key,
        split=split,
        left_out=left_out,
    )


def _split(source: Source) -> tuple[Split, dict[str, Reason]]:
    readings = source.read()
    left_out = {one.name: one.reason for one in readings if one.reason is not None}
    pieces = [
        Piece(name=one.name, notes=one.notes, seconds=one.seconds)
        for one in readings
        if one.notes is not None
    ]
    if not pieces:
        reasons = Counter(map(str, left_out.values())).most_common()
        found = "; ".join(f"{count} {reason}" for reason, count in reasons) or "no MIDI file found"
        raise NothingToLearn(
            f"{source.name} has no piece to learn from: {found}. It needs MIDI files with notes."
        )
    split = source.split(pieces)
    left_out |= dict.fromkeys(split.duplicates, Reason.DUPLICATE)
    return split, left_out | dict.fromkeys(split.unlisted, Reason.UNLISTED)


def _write(folder: Path, split: Split, left_out: dict[str, Reason]) -> None:
    """All notes end to end, and the index to them."""
    notes = np.concatenate([piece.notes for piece in split.kept]).astype(np.int32)
    np.save(folder / NOTES, notes)
    sides = {Side.TRAIN: split.train, Side.HELD_OUT: split.held_out, Side.TEST: split.test}
    index = {
        "families": split.families,
        "left_out": left_out,
        "pieces": [
            {"name": piece.name, "notes": len(piece.notes), "seconds": piece.seconds, "side": side}
            for side, pieces in sides.items()
            for piece in pieces
        ],
    }
    (folder / INDEX).write_text(json.dumps(index), encoding="utf-8")


def _read(folder: Path) -> tuple[Split, dict[str, Reason]]:
    index: dict[str, Any] = json.loads((folder / INDEX).read_bytes())
    notes = np.load(folder / NOTES, mmap_mode="r")
    sides: dict[Side, list[Piece]] = {side: [] for side in Side}
    end = 0
    for entry in index["pieces"]:
        begin, end = end, end + entry["notes"]
        piece = Piece(name=entry["name"], notes=notes[begin:end], seconds=entry["seconds"])
        sides[Side(entry["side"])].append(piece)
    left_out = {name: Reason(reason) for name, reason in index["left_out"].items()}

    def because_of(reason: Reason) -> tuple[str, ...]:
        return tuple(name for name, why in left_out.items() if why is reason)

    split = Split(
        train=tuple(sides[Side.TRAIN]),
        held_out=tuple(sides[Side.HELD_OUT]),
        test=tuple(sides[Side.TEST]),
        duplicates=because_of(Reason.DUPLICATE),
        unlisted=because_of(Reason.UNLISTED),
        families=index["families"],
    )
    return split, left_out


def _digest(folder: Path, files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{name_of(path, folder)}\0".encode())
        digest.update(_content(path))
    return digest.hexdigest()


def _content(path: Path) -> bytes:
    """Changes with what is read of a file; nothing, where it cannot be read."""
    try:
        size = path.stat().st_size
        known = f"{size}\0".encode()
        if path.is_file() and size <= MAX_BYTES:
            known += hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return b""
    return known
