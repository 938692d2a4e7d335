"""Reads the notes of a MusicXML document without music21."""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SoundingNote = tuple[Fraction, Fraction, int]
"""Start and length in quarters, and the MIDI pitch."""


class NoteHead(NamedTuple):
    """One note head."""

    start: Fraction
    length: Fraction
    pitch: int
    ends_tie: bool
    """Whether it is tied to an earlier note head."""
    starts_tie: bool
    """Whether it is tied to a later note head."""


class WrittenMeasure(NamedTuple):
    """One measure of a part."""

    number: str
    is_implicit: bool
    length: Fraction
    time_signature: str
    """Such as 4/4; empty if it has none, which means that the one before it remains."""
    tempos: list[tuple[Fraction, str]]
    """Where in the measure each metronome mark is, in quarters, and its number."""


def sounding_notes(document: str | bytes) -> set[SoundingNote]:
    """All notes, with tied note heads merged.

    Raises:
        KeyError, AssertionError: a tie has only one end.
    """
    notes: set[SoundingNote] = set()
    for part in sounding_parts(document):
        notes |= part
    return notes


def sounding_parts(document: str | bytes) -> list[set[SoundingNote]]:
    """The notes of each part; those of drums have the pitch of their sound.

    Raises:
        KeyError, AssertionError: a tie has only one end.
    """
    score = ElementTree.fromstring(document)  # noqa: S314 - the document is trusted
    drums = {
        sound.get("id", ""): int(sound.findtext("midi-unpitched", "")) - 1
        for sound in score.iter("midi-instrument")
        if sound.find("midi-unpitched") is not None
    }
    return [_merge_ties(_note_heads(part, drums)) for part in score.findall("part")]


def written_measures(document: str | bytes) -> list[list[WrittenMeasure]]:
    """The measures of each part."""
    score = ElementTree.fromstring(document)  # noqa: S314 - the document is trusted
    return [list(_measures(part)) for part in score.findall("part")]


def _merge_ties(heads: Iterator[NoteHead]) -> set[SoundingNote]:
    complete: set[SoundingNote] = set()
    open_ties: dict[tuple[int, Fraction], Fraction] = {}
    for head in sorted(heads):
        end = head.start + head.length
        start = open_ties.pop((head.pitch, head.start)) if head.ends_tie else head.start
        if head.starts_tie:
            open_ties[head.pitch, end] = start
        else:
            complete.add((start, end - start, head.pitch))
    assert not open_ties
    return complete


def _note_heads(part: Element, drums: dict[str, int]) -> Iterator[NoteHead]:
    divisions, start, semitones = 1, Fraction(0), 0
    for measure in part.findall("measure"):
        divisions = int(measure.findtext("attributes/divisions", str(divisions)))
        semitones = int(measure.findtext("attributes/transpose/chromatic", str(semitones)))
        semitones += 12 * int(measure.findtext("attributes/transpose/octave-change", "0"))
        for position, note in _positions(measure, divisions):
            pitch = _sounding_pitch(note, semitones, drums)
            if pitch is not None:
                ties = {tie.get("type") for tie in note.findall("tie")}
                length = _length(note, divisions)
                yield NoteHead(start + position, length, pitch, "stop" in ties, "start" in ties)
        start += _measure_length(measure, divisions)


def _measures(part: Element) -> Iterator[WrittenMeasure]:
    divisions = 1
    for measure in part.findall("measure"):
        divisions = int(measure.findtext("attributes/divisions", str(divisions)))
        time = measure.find("attributes/time")
        signature = "" if time is None else f"{time.findtext('beats')}/{time.findtext('beat-type')}"
        yield WrittenMeasure(
            measure.get("number", ""),
            measure.get("implicit") == "yes",
            _measure_length(measure, divisions),
            signature,
            [
                (
                    position + Fraction(int(element.findtext("offset", "0")), divisions),
                    element.findtext("direction-type/metronome/per-minute", ""),
                )
                for position, element in _positions(measure, divisions)
                if element.find("direction-type/metronome") is not None
            ],
        )


def _measure_length(measure: Element, divisions: int) -> Fraction:
    return max(
        (position + _length(note, divisions) for position, note in _positions(measure, divisions)),
        default=Fraction(0),
    )


def _length(element: Element, divisions: int) -> Fraction:
    return Fraction(int(element.findtext("duration", "0")), divisions)


def _positions(measure: Element, divisions: int) -> Iterator[tuple[Fraction, Element]]:
    """The notes, rests and directions, and where each is in its measure."""
    previous = position = Fraction(0)
    for element in measure:
        if element.tag == "backup":
            position -= _length(element, divisions)
        elif element.tag == "forward":
            position += _length(element, divisions)
        elif element.tag == "note":
            previous = position = previous if element.find("chord") is not None else position
            yield position, element
            position += _length(element, divisions)
        elif element.tag == "direction":
            yield position, element


def _sounding_pitch(note: Element, semitones: int, drums: dict[str, int]) -> int | None:
    """The MIDI pitch; None for a rest or a direction."""
    pitch, sound = note.find("pitch"), note.find("instrument")
    if pitch is not None:
        return _midi_pitch(pitch) + semitones
    return drums[sound.get("id", "")] if sound is not None else None


def _midi_pitch(pitch: Element) -> int:
    name, octave = pitch.findtext("step", ""), int(pitch.findtext("octave", ""))
    return SEMITONES[name] + int(pitch.findtext("alter", "0")) + 12 * (octave + 1)
