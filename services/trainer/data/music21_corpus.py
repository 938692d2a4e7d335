"""The data set `music21`: scores that come with the music21 package, so every machine has them.

Only the folders whose files carry no notice or a free one (public domain, CC0) are named here.
Knows which files there are and reads them in child processes; refuses to know what becomes of them.
"""

import hashlib
import importlib.metadata
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import music21
from music21 import converter, stream
from rich.progress import track

from services.trainer.data.parsed_file import Reading, Reason, Unusable
from services.trainer.data.process_pool import children
from services.trainer.data.score import read_notes, seconds_of

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
LICENCE = (
    "Scores without a licence notice or with a free one (public domain, CC0), read from the "
    "music21 package; the compositions are in the public domain."
)
READING_VERSION = 2
"""Raised when the same file would be read as other notes or seconds."""
_TUNE = re.compile(r"^(?=X:)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One piece before it is read: a file, or one tune of an ABC file (then `text`)."""

    name: str
    path: Path
    text: str | None = None


def cache_key() -> str:
    """Changes with the package, the choice of folders and the way that they are read."""
    version = importlib.metadata.version("music21")
    return hashlib.sha256(repr((version, FOLDERS, READING_VERSION)).encode()).hexdigest()[:16]


def sources() -> list[Source]:
    """Every piece of the data set, in a fixed order."""
    corpus = Path(music21.__file__).parent / "corpus"
    files = (path for folder in FOLDERS for path in sorted((corpus / folder).rglob("*.*")))
    return [
        source
        for path in files
        if path.suffix in {".abc", ".krn", ".mxl", ".xml"}
        for source in _in_file(path, path.relative_to(corpus).as_posix())
    ]


def _in_file(path: Path, name: str) -> Iterator[Source]:
    if path.suffix != ".abc":
        yield Source(name=name, path=path)
        return
    for text in _TUNE.split(path.read_text(encoding="utf-8", errors="replace"))[1:]:
        number = text.partition("\n")[0].removeprefix("X:").strip()
        yield Source(name=f"{name}#{number}", path=path, text=text)


def read_all(found: list[Source]) -> list[Reading]:
    """Read in child processes (music21 is slow), with a progress bar."""
    with children() as pool:
        readings = pool.map(read, found, chunksize=16)
        return list(track(readings, "Reading scores", total=len(found)))


def read(source: Source) -> Reading:
    """The notes of one source; nothing that a file holds is fatal."""
    try:
        notes = read_notes(_parse(source))
    except Unusable as refusal:
        return Reading(name=source.name, reason=refusal.reason)
    except Exception:  # noqa: BLE001 - music21 raises nearly anything on a broken file
        return Reading(name=source.name, reason=Reason.BROKEN)
    return Reading(name=source.name, notes=notes, seconds=seconds_of(notes))


def _parse(source: Source) -> stream.Score:
    if source.text is None:
        parsed = converter.parse(source.path)
    else:
        parsed = converter.parseData(source.text, format="abc")
    if not isinstance(parsed, stream.Score):
        raise Unusable(Reason.BROKEN)
    return parsed
