"""The data set `music21`: scores in the music21 package, always available.

Only folders whose files have no license notice or a free one (public domain, CC0) are listed.
"""

import hashlib
import importlib.metadata
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import music21
from music21 import converter, stream

from ostinato.schemas.notes import COMMON_TIME, Metre
from services.trainer.data.parsed_file import ParsedFile, SkipFile, Skipped, SkipReason
from services.trainer.data.process_pool import map_batches
from services.trainer.data.score import duration_seconds, extract_notes
from services.trainer.data.tracking import Track

FOLDERS = (
    "airdsAirs",
    "beethoven",
    "handel",
    "haydn",
    "johnson_j_r",
    "joplin",
    "liliuokalani",
    "lusitano",
    "mozart",
    "oneills1850",
    "ryansMammoth",
    "schumann_robert",
    "weber",
)
LICENSE = (
    "Scores without a license notice or with a free one (public domain, CC0), read from the "
    "music21 package; the compositions are in the public domain."
)
PARSER_VERSION = 2
"""Increased when the same file would give different notes or seconds."""
ENTRIES_PER_TASK = 16
"""Number of entries that a child parses before it returns their notes."""
_TUNE = re.compile(r"^(?=X:)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusEntry:
    """A piece before it is parsed: a file, or one tune of an ABC file, whose text is `text`."""

    name: str
    path: Path
    text: str | None = None


def cache_key() -> str:
    """Hash of the version of the music21 package, the list of folders and `PARSER_VERSION`."""
    version = importlib.metadata.version("music21")
    return hashlib.sha256(repr((version, FOLDERS, PARSER_VERSION)).encode()).hexdigest()[:16]


def list_entries() -> list[CorpusEntry]:
    """Every piece of the data set, in a fixed order."""
    corpus = Path(music21.__file__).parent / "corpus"
    files = (path for folder in FOLDERS for path in sorted((corpus / folder).rglob("*.*")))
    return [
        entry
        for path in files
        if path.suffix in {".abc", ".krn", ".mxl", ".xml"}
        for entry in _entries_of(path, path.relative_to(corpus).as_posix())
    ]


def _entries_of(path: Path, name: str) -> Iterator[CorpusEntry]:
    """The pieces in one file of the corpus."""
    if path.suffix != ".abc":
        yield CorpusEntry(name=name, path=path)
        return
    for text in _TUNE.split(path.read_text(encoding="utf-8", errors="replace"))[1:]:
        number = text.partition("\n")[0].removeprefix("X:").strip()
        yield CorpusEntry(name=f"{name}#{number}", path=path, text=text)


def parse_all(
    entries: list[CorpusEntry], track: Track, metres: tuple[Metre, ...] = COMMON_TIME
) -> list[ParsedFile]:
    """Parse in child processes (music21 is slow)."""
    batches = [
        entries[start : start + ENTRIES_PER_TASK]
        for start in range(0, len(entries), ENTRIES_PER_TASK)
    ]
    parsed = map_batches(partial(_parse_batch, metres=metres), batches, crashed=_crashed)
    return [file for batch in track(parsed, "Parsing scores", len(batches)) for file in batch]


def _parse_batch(entries: Sequence[CorpusEntry], metres: tuple[Metre, ...]) -> list[ParsedFile]:
    return [parse_entry(entry, metres) for entry in entries]


def _crashed(entry: CorpusEntry) -> ParsedFile:
    """The result of an entry that killed the process that parsed it."""
    return ParsedFile(name=entry.name, skipped=Skipped(SkipReason.CRASHED))


def parse_entry(entry: CorpusEntry, metres: tuple[Metre, ...] = COMMON_TIME) -> ParsedFile:
    """The notes of an entry; every error becomes a skip reason."""
    try:
        notes, of_bars = extract_notes(_parse(entry), metres)
    except SkipFile as skip:
        return ParsedFile(name=entry.name, skipped=skip.skipped)
    except Exception:  # noqa: BLE001 - music21 raises nearly any type on a malformed file
        return ParsedFile(name=entry.name, skipped=Skipped(SkipReason.MALFORMED))
    return ParsedFile(name=entry.name, notes=notes, metres=of_bars, seconds=duration_seconds(notes))


def _parse(entry: CorpusEntry) -> stream.Score:
    if entry.text is None:
        parsed = converter.parse(entry.path)
    else:
        parsed = converter.parseData(entry.text, format="abc")
    if not isinstance(parsed, stream.Score):
        raise SkipFile(SkipReason.MALFORMED)
    return parsed
