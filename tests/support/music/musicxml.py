"""Reads the notes of a MusicXML document without music21."""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
QUARTERS_PER_BAR = 4

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


def sounding_notes(document: str | bytes) -> set[SoundingNote]:
    """All notes, with tied note heads merged.

    Raises:
        KeyError, AssertionError: a tie has only one end.
    """
    complete: set[SoundingNote] = set()
    open_ties: dict[tuple[int, Fraction], Fraction] = {}
    for head in sorted(_note_heads(ElementTree.fromstring(document))):  # noqa: S314 - the document is trusted
        end = head.start + head.length
        start = open_ties.pop((head.pitch, head.start)) if head.ends_tie else head.start
        if head.starts_tie:
            open_ties[head.pitch, end] = start
        else:
            complete.add((start, end - start, head.pitch))
    assert not open_ties
    return complete


def _note_heads(score: Element) -> Iterator[NoteHead]:
    for part in score.findall("part"):
        divisions = 1
        for number, measure in enumerate(part.findall("measure")):
            divisions = int(measure.findtext("attributes/divisions", str(divisions)))
            yield from _in_measure(measure, Fraction(number * QUARTERS_PER_BAR), divisions)


def _in_measure(measure: Element, position: Fraction, divisions: int) -> Iterator[NoteHead]:
    previous = position
    for element in measure:
        length = Fraction(int(element.findtext("duration", "0")), divisions)
        if element.tag == "backup":
            position -= length
        elif element.tag == "forward":
            position += length
        elif element.tag == "note":
            previous = position = previous if element.find("chord") is not None else position
            pitch = element.find("pitch")
            if pitch is not None:
                ties = {tie.get("type") for tie in element.findall("tie")}
                midi_pitch = _midi_pitch(pitch)
                yield NoteHead(position, length, midi_pitch, "stop" in ties, "start" in ties)
            position += length


def _midi_pitch(pitch: Element) -> int:
    name, octave = pitch.findtext("step", ""), int(pitch.findtext("octave", ""))
    return SEMITONES[name] + int(pitch.findtext("alter", "0")) + 12 * (octave + 1)
