"""Sheet music of notes: measures, voices, ties, clefs and a key, all of them music21's work.

Refuses to know where the notes come from.
"""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from music21 import chord, instrument, key, layout, metadata, meter, note, pitch, stream, tempo
from music21.musicxml.m21ToXml import GeneralObjectExporter

from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.notes import TICKS_PER_QUARTER, Note

GRID = (8, 3)
"""Parts of a quarter that can be written down: 32nds, and eighths of a triplet."""
KEYBOARDS = range(24)
"""General MIDI programs: pianos, mallets, organs."""
MIDDLE_C = 60
LENGTHS = [Fraction(2) ** power for power in range(-3, 3)]
"""Of rests without dots, in quarters."""
NAMELESS, COMPOSER = "A piece", "Ostinato"
STEPS = "FCGDAEB"
"""By fifths upwards."""


def musicxml_of(asked: EngravingRequest) -> str:
    """A MusicXML document; a keyboard has two staves, which part at the middle C."""
    sharps = _sharps_of(asked.notes)
    staves = [_staff(notes, asked.instrument, sharps) for notes in _hands(asked)]
    staves[0][stream.Measure][0].insert(0, tempo.MetronomeMark(number=asked.tempo))
    score = stream.Score(staves)
    score.insert(0, metadata.Metadata(title=asked.title or NAMELESS, composer=COMPOSER))
    if len(staves) > 1:
        score.insert(0, layout.StaffGroup(staves, symbol="brace"))
    return GeneralObjectExporter(score).parse().decode()


def _hands(asked: EngravingRequest) -> list[list[Note]]:
    """What each staff holds, from above; none is empty."""
    if asked.instrument not in KEYBOARDS:
        return [asked.notes]
    right = [each for each in asked.notes if each.pitch >= MIDDLE_C]
    left = [each for each in asked.notes if each.pitch < MIDDLE_C]
    return [hand for hand in (right, left) if hand]


def _sharps_of(notes: Iterable[Note]) -> int:
    """Of the key that fits best; flats are negative, and nobody wants seven of anything."""
    found: int = stream.Stream(_elements(notes, 0)).analyze("key").sharps
    return found - 12 * round(found / 12)


def _staff(notes: Iterable[Note], program: int, sharps: int) -> stream.PartStaff:
    staff = stream.PartStaff()  # type: ignore[no-untyped-call]
    staff.insert(0, instrument.instrumentFromMidiProgram(program))
    staff.insert(0, meter.TimeSignature("4/4"))
    staff.insert(0, key.KeySignature(sharps))
    for element in _elements(notes, sharps):
        staff.insert(element.offset, element)
    staff.quantize(GRID, inPlace=True)
    staff.makeNotation(inPlace=True)
    for line in (*staff[stream.Measure], *staff[stream.Voice]):
        _cut_rests(line)
    for measure in staff.getElementsByClass(stream.Measure):
        for number, voice in enumerate(measure.voices, start=1):
            voice.id = str(number)
    return staff


def _cut_rests(line: stream.Stream[note.GeneralNote]) -> None:
    """Nobody reads a rest with three dots: several stand for it, each where its like may begin."""
    for rest in list(line.getElementsByClass(note.Rest)):
        at, end = Fraction(rest.offset), Fraction(rest.offset + rest.quarterLength)
        is_even = at % LENGTHS[0] == end % LENGTHS[0] == 0  # thirds are left to music21
        if rest.duration.dots <= 1 or not is_even:
            continue
        line.remove(rest)
        while at < end:
            length = max(each for each in LENGTHS if at % each == 0 and at + each <= end)
            line.insert(at, note.Rest(quarterLength=length))
            at += length


def _elements(notes: Iterable[Note], sharps: int) -> list[note.NotRest]:
    """Notes; those that begin and end together are chords."""
    together: defaultdict[tuple[int, int], list[Note]] = defaultdict(list)
    for each in notes:
        together[each.start, each.duration].append(each)
    return [_element(each, sharps) for each in together.values()]


def _element(together: list[Note], sharps: int) -> note.NotRest:
    length = Fraction(together[0].duration, TICKS_PER_QUARTER)
    pitches = [_spelt(each.pitch, sharps) for each in together]
    made: note.NotRest
    if len(pitches) == 1:
        made = note.Note(pitches[0], quarterLength=length)
    else:
        made = chord.Chord(pitches, quarterLength=length)
    made.volume.velocity = max(each.velocity for each in together)
    made.offset = Fraction(together[0].start, TICKS_PER_QUARTER)
    return made


def _spelt(midi: int, sharps: int) -> pitch.Pitch:
    """With the name that is nearest to the key, counted in fifths."""
    flattest = sharps - 3  # E flat in C major, whose sharpest is G sharp
    fifths = flattest + (7 * midi - flattest) % 12
    alter, step = divmod(fifths + 1, 7)
    spelt = pitch.Pitch(STEPS[step])
    spelt.accidental = pitch.Accidental(alter)
    spelt.octave = (midi - alter) // 12 - 1
    return spelt
