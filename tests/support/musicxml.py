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
    """Tied to an earlier note head."""
    starts_tie: bool
    """Tied to a later note head."""


def sounding_notes(document: str | bytes) -> set[SoundingNote]:
    """All notes, tied note heads as one; KeyError or AssertionError if a tie has one end only."""
    complete: set[SoundingNote] = set()
    open_ties: dict[tuple[int, Fraction], Fraction] = {}
    for head in sorted(_note_heads(ElementTree.fromstring(document))):  # noqa: S314 - our own
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


def _in_measure(measure: Element, at: Fraction, divisions: int) -> Iterator[NoteHead]:
    previous = at
    for each in measure:
        length = Fraction(int(each.findtext("duration", "0")), divisions)
        if each.tag == "backup":
            at -= length
        elif each.tag == "forward":
            at += length
        elif each.tag == "note":
            previous = at = previous if each.find("chord") is not None else at
            pitch = each.find("pitch")
            if pitch is not None:
                ties = {tie.get("type") for tie in each.findall("tie")}
                yield NoteHead(at, length, _midi_pitch(pitch), "stop" in ties, "start" in ties)
            at += length


def _midi_pitch(pitch: Element) -> int:
    name, octave = pitch.findtext("step", ""), int(pitch.findtext("octave", ""))
    return SEMITONES[name] + int(pitch.findtext("alter", "0")) + 12 * (octave + 1)
