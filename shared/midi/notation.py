"""Scores in MusicXML and ABC as MIDI files, by music21."""

import codecs
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from shared.midi.container import Container, read_container
from shared.midi.events import TIME_SIGNATURE, Event, is_meta, read_events, write_events
from shared.midi.faults import MAX_BYTES, MidiFault, UnreadableMidi
from shared.midi.notated_bars import bar_signatures, write_out_repeats
from shared.midi.writer import time_signature_event
from shared.zip_errors import MALFORMED_ZIP_ERRORS

if TYPE_CHECKING:
    from music21.stream import Stream

MUSICXML, ABC = "musicxml", "abc"
"""Names of the formats in music21."""
MUSICXML_ROOT = re.compile(rb"<score-(?:partwise|timewise)\b")
ABC_TUNE = re.compile(rb"(?:%[^\n]*\n|\s)*X:[ \t]*\d+.*?^K:", re.DOTALL | re.MULTILINE)
ABC_KEY, ABC_METRE = re.compile(r"^K:", re.MULTILINE), re.compile(r"^M:|\[M:", re.MULTILINE)
"""The field that ends the header of a tune, and a metre."""
ROOT_WITHIN = 4096
"""The root element of a document is in its first bytes, after its type."""
ZIP, CONTAINER = b"PK\x03\x04", "META-INF/container.xml"
"""How a compressed score (.mxl) begins, and its entry that names the others."""
MAX_CAUSE_LENGTH = 300


def as_midi(data: bytes) -> bytes:
    """A score as a MIDI file; any other data as they are.

    Chord symbols are left out. Repeats are written out; if they are malformed, they are left out.

    Raises:
        UnreadableMidi: the score is malformed, or there are several tunes.
    """
    found = _find_score(data)
    return data if found is None else _convert(*found)


def _find_score(data: bytes) -> tuple[str, str] | None:
    """The text of a score and its format; None if the data are no score."""
    if data.startswith(ZIP):
        data = _unzip(data)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", errors="replace").encode()
    text = data.removeprefix(codecs.BOM_UTF8).lstrip()
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
    if kind == ABC and ABC_METRE.search(ABC_KEY.split(text, maxsplit=1)[-1]):
        # music21 gives the bars after a change of metre wrong lengths
        raise UnreadableMidi(
            MidiFault.METRE,
            "The tune changes its metre, which is not read from ABC; write it as MusicXML or MIDI.",
        )
    with _reporting_errors():
        return _write(score)


def _write(score: "Stream[Any]") -> bytes:
    from music21 import harmony, meter, midi  # noqa: PLC0415

    score = write_out_repeats(score)
    signatures = bar_signatures(score)
    for kind in (harmony.Harmony, meter.TimeSignature):
        for element in list(score.recurse().getElementsByClass(kind)):
            element.activeSite.remove(element)
    container = read_container(midi.translate.streamToMidiFile(score).writestr())
    end = round(score.duration.quarterLength * container.division)
    return _with_bars(container, signatures, end).to_bytes()


@contextmanager
def _reporting_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # music21 raises nearly any type on a malformed file
        cause = " ".join(str(error).split())[:MAX_CAUSE_LENGTH]
        detail = f"The score cannot be read: {type(error).__name__}: {cause}."
        raise UnreadableMidi(MidiFault.MALFORMED, detail) from error


def _with_bars(
    container: Container, signatures: Iterable[tuple[Fraction, int, int]], end: int
) -> Container:
    """The tracks with these time signatures; they end with the score: music21 appends a rest."""

    def ended(body: bytes) -> list[Event]:
        *events, last = read_events(body)
        kept = [event for event in events if not is_meta(event, TIME_SIGNATURE)]
        return [*kept, last._replace(tick=max([end, *(event.tick for event in kept)]))]

    first, *others = (ended(body) for body in container.tracks)
    changes = [
        time_signature_event(*signature)._replace(tick=round(offset * container.division))
        for offset, *signature in signatures
    ]
    first = sorted([*changes, *first], key=lambda event: event.tick)
    return replace(container, tracks=tuple(write_events(events) for events in (first, *others)))
