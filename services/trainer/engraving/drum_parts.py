"""Parts of drums: how long hits last, and the sound of each note head.

music21 writes one sound for each part; the others are added to its document. Until then, the note
heads have the MIDI pitch in their id.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from xml.etree.ElementTree import Element, SubElement

from music21 import note, percussion

from ostinato.schemas.notes import TICKS_PER_QUARTER
from services.trainer.engraving.drum_map import drum_of
from services.trainer.engraving.paper_time import Measure, PaperNote

CHANNEL = 10
"""The MIDI channel of drums, counted from 1."""
ID_PREFIX = "drum"


def lengthen_hits(notes: Sequence[PaperNote], measures: Sequence[Measure]) -> list[PaperNote]:
    """Hits that last until the next one or the end of the beat, as drums are usually written."""
    chords: defaultdict[int, list[PaperNote]] = defaultdict(list)
    for paper_note in notes:
        chords[paper_note.start].append(paper_note)
    starts = sorted(chords)
    bar_starts = [measure.paper_start for measure in measures]
    hits = []
    for start, next_start in pairwise((*starts, bar_starts[-1] + measures[-1].length)):
        measure = measures[bisect_right(bar_starts, start) - 1]
        pitches = sorted({pitch for chord in chords[start] for pitch in chord.pitches})
        velocity = max(chord.velocity for chord in chords[start])
        end = min(next_start, _end_of_beat(start, measure))
        hits.append(PaperNote(start, end, tuple(pitches), velocity))
    return hits


def _end_of_beat(start: int, measure: Measure) -> int:
    beat = measure.compound_beat or TICKS_PER_QUARTER
    offset = measure.missing - measure.paper_start
    end = ((start + offset) // beat + 1) * beat - offset
    return min(end, measure.paper_start + measure.length)


def drum_element(pitches: tuple[int, ...]) -> note.Unpitched | percussion.PercussionChord:
    """One note head for each of these MIDI pitches, ordered from the lowest on the staff."""
    heads = sorted(map(_head, pitches), key=lambda head: (head.displayPitch().ps, head.id))
    return heads[0] if len(heads) == 1 else percussion.PercussionChord(heads)


def _head(pitch: int) -> note.Unpitched:
    drum = drum_of(pitch)
    head = note.Unpitched(displayName=drum.position)
    head.notehead = drum.notehead
    head.id = f"{ID_PREFIX}{pitch}"
    return head


def complete_drum_part(score: Element, part_id: str, program: int) -> None:
    """Add the sounds of a part to a document; `program` selects the drum kit, from 0."""
    pitches: set[int] = set()
    part = next(part for part in score.iter("part") if part.get("id") == part_id)
    for written in part.iter("note"):
        identifier = written.attrib.pop("id", None)
        if identifier is not None:
            pitch = int(identifier.removeprefix(ID_PREFIX))
            pitches.add(pitch)
            _refer(written, f"{part_id}-{pitch}")
    score_part = next(part for part in score.iter("score-part") if part.get("id") == part_id)
    for tag in ("score-instrument", "midi-instrument"):
        for element in score_part.findall(tag):
            score_part.remove(element)
    for pitch in sorted(pitches):
        sound = SubElement(score_part, "score-instrument", id=f"{part_id}-{pitch}")
        SubElement(sound, "instrument-name").text = drum_of(pitch).name
    for pitch in sorted(pitches):
        sound = SubElement(score_part, "midi-instrument", id=f"{part_id}-{pitch}")
        SubElement(sound, "midi-channel").text = str(CHANNEL)
        SubElement(sound, "midi-program").text = str(program + 1)
        SubElement(sound, "midi-unpitched").text = str(pitch + 1)


def _refer(written: Element, sound: str) -> None:
    """Insert the reference to a sound after the duration and the ties of a note."""
    after = max(
        index
        for index, child in enumerate(written)
        if child.tag in {"duration", "tie", "unpitched"}
    )
    written.insert(after + 1, Element("instrument", id=sound))
