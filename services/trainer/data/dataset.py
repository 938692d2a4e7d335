"""Data sets by name: parsed once, split, and cached as memory-mapped notes.

The name of a cache folder contains a hash of all files and of the parser's version, so a cache is
never stale.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from rich.progress import track as show_bar

from ostinato.schemas.notes import COMMON_TIME, Metre
from services.trainer.data import music21_corpus
from services.trainer.data.atomic_folder import atomic_folder
from services.trainer.data.catalog import CATALOG, MUSIC21, find_folder
from services.trainer.data.dataset_cache import INDEX_FILE, read_split, write_split
from services.trainer.data.maestro import TABLE, published_split
from services.trainer.data.midi_files import find_midi_files, parse_all, relative_name
from services.trainer.data.parsed_file import ParsedFile, Skipped, SkipReason
from services.trainer.data.piece import Piece
from services.trainer.data.split import Split, split_pieces
from services.trainer.data.tracking import Track
from shared.errors import UserError
from shared.midi.faults import MAX_BYTES

FORMAT_VERSION = 11
"""Increased when the same files would give different notes, seconds, sides or index entries."""
NAMES_IN_ERROR, MAX_NAME = 3, 60
"""Names of skipped files for each reason in an error, and characters of each name."""
USUAL_ADVICE = "Training needs MIDI files with notes."
ADVICE: Mapping[SkipReason, str] = {
    SkipReason.DRUMS_ONLY: "Models learn pitches: add the files with the other instruments.",
    SkipReason.TOO_SHORT: "Join the loops of a song to one file in an editor, and upload these.",
    SkipReason.UNKNOWN_METRE: "Add music in time signatures that the model learns.",
    SkipReason.METER: "Models learn bars of four quarters: add music in 4/4, 2/2 or 2/4.",
}
"""What can be done, by the most frequent reason."""


class NoUsablePieces(UserError):
    """A data set has no usable piece; the detail counts the skip reasons."""

    code = "no_usable_pieces"
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetCounts:
    """Counts of the pieces found, used and skipped; `found` = `used` + `skipped`."""

    found: int
    skipped: dict[str, int]
    """Number of skipped pieces by reason."""
    used: int
    duplicate_groups: int
    train: int
    held_out: int
    test: int
    num_notes: int
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A parsed and split data set."""

    name: str
    description: str
    license: str
    is_performance: bool
    """Whether its notes are not aligned with beats."""
    cache_key: str
    """Hash of its files and of `FORMAT_VERSION`."""
    split: Split
    skipped: dict[str, Skipped]
    """By name of the skipped piece."""

    @property
    def counts(self) -> DatasetCounts:
        """Counts for reports and cards."""
        used = self.split.used
        reasons = Counter(skipped.reason for skipped in self.skipped.values())
        return DatasetCounts(
            found=len(used) + reasons.total(),
            skipped={str(reason): count for reason, count in reasons.most_common()},
            used=len(used),
            duplicate_groups=self.split.duplicate_groups,
            train=len(self.split.train),
            held_out=len(self.split.held_out),
            test=len(self.split.test),
            num_notes=sum(len(piece.notes) for piece in used),
            hours=round(sum(piece.seconds for piece in used) / 3600, 2),
        )

    def write_skipped(self, path: Path) -> None:
        """Write a line `reason<TAB>name<TAB>detail` for each skipped piece."""
        lines = sorted(
            f"{reason}\t{name}\t{detail}\n" for name, (reason, detail) in self.skipped.items()
        )
        path.write_text("".join(lines), encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSource:
    """Metadata of a data set, and the functions that parse and split it."""

    name: str
    description: str
    license: str
    is_performance: bool
    sha256: str
    """Hash of everything that `parse` and `split` read."""
    parse: Callable[[Track, tuple[Metre, ...]], list[ParsedFile]]
    """Parses the music in these metres."""
    split: Callable[[Sequence[Piece]], Split]

    @classmethod
    def from_music21(cls) -> Self:
        """The source of the scores in the music21 package."""
        return cls(
            name=MUSIC21,
            description="scores of the music21 package",
            license=music21_corpus.LICENSE,
            is_performance=False,
            sha256=music21_corpus.cache_key(),
            parse=lambda track, metres: music21_corpus.parse_all(
                music21_corpus.list_entries(), track, metres
            ),
            split=split_pieces,
        )

    @classmethod
    def from_name(cls, name: str, datasets_dir: Path | None) -> Self:
        """The source of a named set; DatasetNotFound if it is not installed."""
        if name == MUSIC21:
            return cls.from_music21()
        folder, entry = find_folder(name, datasets_dir), CATALOG[name]
        return cls.from_folder(
            folder,
            name=name,
            description=entry.description,
            license=entry.license,
            is_performance=entry.is_performance,
        )

    @classmethod
    def from_folder(
        cls,
        folder: Path,
        *,
        name: str,
        description: str,
        license: str,  # noqa: A002 - the name of the field
        is_performance: bool = False,
    ) -> Self:
        """The MIDI files below a folder; MAESTRO's table in it, if any, determines the split."""
        files = find_midi_files(folder)
        published = published_split(folder)
        tables = [folder / TABLE] if published else []
        return cls(
            name=name,
            description=description,
            license=license,
            is_performance=is_performance,
            sha256=_hash_files(folder, [*files, *tables]),
            parse=lambda track, metres: parse_all(folder, files, track, metres),
            split=published or split_pieces,
        )


def load_dataset(
    source: DatasetSource,
    cache_dir: Path,
    track: Track = show_bar,
    metres: tuple[Metre, ...] = COMMON_TIME,
) -> Dataset:
    """Load a data set: parse its files on the first call, and read the cache on later calls.

    `track` receives the progress of the parser; pieces in other metres than these are skipped.

    Raises:
        NoUsablePieces: the data set is empty, or all of its pieces are skipped.
        TooFewPieces: the data set cannot be split.
    """
    key = _cache_key(source, metres)
    folder = cache_dir / "datasets" / f"{source.name}-{key}"
    if not (folder / INDEX_FILE).exists():
        split, skipped = _parse_and_split(source, track, metres)
        with atomic_folder(folder, INDEX_FILE) as unfinished:
            write_split(unfinished, split, skipped)
    split, skipped = read_split(folder)
    return Dataset(
        name=source.name,
        description=source.description,
        license=source.license,
        is_performance=source.is_performance,
        cache_key=key,
        split=split,
        skipped=skipped,
    )


def _cache_key(source: DatasetSource, metres: tuple[Metre, ...]) -> str:
    """That of 4/4 alone is the one of earlier releases."""
    parts = [FORMAT_VERSION, source.sha256, *(metres if metres != COMMON_TIME else ())]
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()[:16]


def _parse_and_split(
    source: DatasetSource, track: Track, metres: tuple[Metre, ...]
) -> tuple[Split, dict[str, Skipped]]:
    parsed = source.parse(track, metres)
    skipped = {file.name: file.skipped for file in parsed if file.skipped is not None}
    pieces = [
        Piece(name=file.name, notes=file.notes, metres=file.metres, seconds=file.seconds)
        for file in parsed
        if file.notes is not None
    ]
    if not pieces:
        raise NoUsablePieces(_no_usable_pieces(source.name, skipped))
    split = source.split(pieces)
    skipped |= dict.fromkeys(split.duplicates, Skipped(SkipReason.DUPLICATE))
    return split, skipped | dict.fromkeys(split.unlisted, Skipped(SkipReason.UNLISTED))


def _no_usable_pieces(name: str, skipped: Mapping[str, Skipped]) -> str:
    names: dict[SkipReason, list[str]] = {}
    for file, (reason, _) in skipped.items():
        names.setdefault(reason, []).append(file)
    if not names:
        return f"{name} has no usable piece: no MIDI file found. {USUAL_ADVICE}"
    most_common = sorted(names.items(), key=lambda item: -len(item[1]))
    found = "; ".join(f"{len(of)} {reason} ({_some(of)})" for reason, of in most_common)
    advice = ADVICE.get(most_common[0][0], USUAL_ADVICE)
    return f"{name} has no usable piece: {found}. {advice}"


def _some(names: Sequence[str]) -> str:
    """The first of some names, and how many there are in addition."""
    shown = [name if len(name) <= MAX_NAME else f"{name[:MAX_NAME]}..." for name in names]
    more = len(names) - NAMES_IN_ERROR
    return ", ".join(shown[:NAMES_IN_ERROR]) + (f" and {more} more" if more > 0 else "")


def _hash_files(folder: Path, files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{relative_name(path, folder)}\0".encode())
        digest.update(_content_key(path))
    return digest.hexdigest()


def _content_key(path: Path) -> bytes:
    """Size of a file and hash of what the parser would read of it; empty if it is unreadable."""
    try:
        size = path.stat().st_size
        key = f"{size}\0".encode()
        if path.is_file() and size <= MAX_BYTES:
            key += hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return b""
    return key
