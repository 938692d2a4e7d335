"""Scores in MusicXML and ABC as MIDI files, by music21."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from shared.midi.container import Container, read_container
from shared.midi.events import Event, read_events, write_events
from shared.midi.faults import MAX_BYTES, MidiFault, UnreadableMidi
from shared.zip_errors import MALFORMED_ZIP_ERRORS

if TYPE_CHECKING:
    from music21.stream import Stream

MUSICXML, ABC = "musicxml", "abc"
"""Names of the formats in music21."""
MUSICXML_ROOT = re.compile(rb"<score-(?:partwise|timewise)\b")
ABC_TUNE = re.compile(rb"(?:%[^\n]*\n|\s)*X:[ \t]*\d+.*?^K:", re.DOTALL | re.MULTILINE)
ROOT_WITHIN = 4096
"""The root element of a document is in its first bytes, after its type."""
ZIP, CONTAINER = b"PK\x03\x04", "META-INF/container.xml"
"""How a compressed score (.mxl) begins, and its entry that names the others."""
MAX_CAUSE_LENGTH = 300
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def as_midi(data: bytes) -> bytes:
    """A score as a MIDI file; any other data as they are.

    Chord symbols are left out, and repeats are played once.

    Raises:
        UnreadableMidi: the score is malformed, or there are several tunes.
    """
    found = _find_score(data)
    return data if found is None else _convert(*found)


def _find_score(data: bytes) -> tuple[str, str] | None:
    """The text of a score and its format; None if the data are no score."""
    if data.startswith(ZIP):
        data = _unzip(data)
    text = data.removeprefix(BYTE_ORDER_MARK).lstrip()
    if text.startswith(b"<") and MUSICXML_ROOT.search(text[:ROOT_WITHIN]):
        return _decode(text), MUSICXML
    if ABC_TUNE.match(text):
        return _decode(text), ABC
    return None


def _unzip(data: bytes) -> bytes:
    """The first document of a compressed score; the data themselves if they are none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if CONTAINER not in names:
                return data
            documents = [name for name in names if name.endswith((".xml", ".musicxml"))]
            documents.remove(CONTAINER)
            with archive.open(documents[0]) as document:
                return document.read(MAX_BYTES)
    except (*MALFORMED_ZIP_ERRORS, LookupError, OSError):
        return data


def _decode(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _convert(text: str, kind: str) -> bytes:
    from music21 import converter, stream  # noqa: PLC0415 - slow, and rarely needed

    with _reporting_errors():
        score = converter.parseData(text, format=kind)
    if isinstance(score, stream.Opus):
        raise UnreadableMidi(
            MidiFault.SEVERAL_TUNES,
            f"The file has {len(score.scores)} tunes; write each into a file of its own.",
        )
    with _reporting_errors():
        return _write(score)


def _write(score: "Stream[Any]") -> bytes:
    from music21 import harmony, midi  # noqa: PLC0415

    for symbol in list(score.recurse().getElementsByClass(harmony.Harmony)):
        symbol.activeSite.remove(symbol)
    container = read_container(midi.translate.streamToMidiFile(score).writestr())
    end = round(score.duration.quarterLength * container.division)
    return _end_at(container, end).to_bytes()


@contextmanager
def _reporting_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # music21 raises nearly any type on a malformed file
        cause = " ".join(str(error).split())[:MAX_CAUSE_LENGTH]
        detail = f"The score cannot be read: {type(error).__name__}: {cause}."
        raise UnreadableMidi(MidiFault.MALFORMED, detail) from error


def _end_at(container: Container, tick: int) -> Container:
    """Let the tracks end with the score: music21 appends a rest."""

    def ended(body: bytes) -> bytes:
        *events, end = read_events(body)
        last = max((event.tick for event in events), default=0)
        return write_events([*events, Event(max(last, tick), *end[1:])])

    return replace(container, tracks=tuple(ended(body) for body in container.tracks))
