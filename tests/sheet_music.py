"""Sheet music as any program reads it: MusicXML by its own rules, without music21."""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
BAR = 4

Sounding = tuple[Fraction, Fraction, int]
"""Start and length in quarters, and the MIDI pitch."""


class Written(NamedTuple):
    """One note head."""

    start: Fraction
    length: Fraction
    pitch: int
    is_tied: bool
    """To one before."""
    goes_on: bool
    """In one behind."""


def sounding(document: str | bytes) -> set[Sounding]:
    """Every note, what is tied together as one; KeyError or AssertionError for a loose tie."""
    whole: set[Sounding] = set()
    begun: dict[tuple[int, Fraction], Fraction] = {}
    for head in sorted(_heads(ElementTree.fromstring(document))):  # noqa: S314 - our own
        end = head.start + head.length
        start = begun.pop((head.pitch, head.start)) if head.is_tied else head.start
        if head.goes_on:
            begun[head.pitch, end] = start
        else:
            whole.add((start, end - start, head.pitch))
    assert not begun
    return whole


def _heads(score: Element) -> Iterator[Written]:
    for part in score.findall("part"):
        divisions = 1
        for number, measure in enumerate(part.findall("measure")):
            divisions = int(measure.findtext("attributes/divisions", str(divisions)))
            yield from _in_measure(measure, Fraction(number * BAR), divisions)


def _in_measure(measure: Element, at: Fraction, divisions: int) -> Iterator[Written]:
    before = at
    for each in measure:
        length = Fraction(int(each.findtext("duration", "0")), divisions)
        if each.tag == "backup":
            at -= length
        elif each.tag == "forward":
            at += length
        elif each.tag == "note":
            before = at = before if each.find("chord") is not None else at
            pitch = each.find("pitch")
            if pitch is not None:
                ties = {tie.get("type") for tie in each.findall("tie")}
                yield Written(at, length, _midi(pitch), "stop" in ties, "start" in ties)
            at += length


def _midi(pitch: Element) -> int:
    step, octave = pitch.findtext("step", ""), int(pitch.findtext("octave", ""))
    return SEMITONES[step] + int(pitch.findtext("alter", "0")) + 12 * (octave + 1)
