"""Engraving as MusicXML; notes without bars get the measures of music21."""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from music21 import chord, instrument, key, layout, meter, note, stream, tempo
from music21.musicxml.m21ToXml import GeneralObjectExporter

from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.notes import TICKS_PER_QUARTER, Note
from services.trainer.engraving.conventions import heading, key_signature, spell, split_hands
from services.trainer.engraving.whole_melody import engrave_melody

QUANTIZATION = (8, 3)
"""Smallest notated divisions of a quarter: 32nds and eighth-note triplets."""
REST_LENGTHS = [Fraction(2) ** power for power in range(-3, 3)]
"""Lengths of undotted rests, in quarters."""


def to_musicxml(request: EngravingRequest) -> str:
    """A MusicXML document; a keyboard instrument has two staves, split at middle C."""
    if request.is_whole_melody:
        return engrave_melody(request)
    notes = request.notes or []
    sharps = key_signature(_elements(notes, 0))
    hands = split_hands(notes, request.instrument)
    staves = [_staff(hand, request.instrument, sharps) for hand in hands]
    staves[0][stream.Measure][0].insert(0, tempo.MetronomeMark(number=request.tempo))
    score = stream.Score(staves)
    score.insert(0, heading(request.title))
    if len(staves) > 1:
        score.insert(0, layout.StaffGroup(staves, symbol="brace"))
    return GeneralObjectExporter(score).parse().decode()


def _staff(notes: Iterable[Note], program: int, sharps: int) -> stream.PartStaff:
    staff = stream.PartStaff()  # type: ignore[no-untyped-call]
    staff.insert(0, instrument.instrumentFromMidiProgram(program))
    staff.insert(0, meter.TimeSignature("4/4"))
    staff.insert(0, key.KeySignature(sharps))
    for element in _elements(notes, sharps):
        staff.insert(element.offset, element)
    staff.quantize(QUANTIZATION, inPlace=True)
    staff.makeNotation(inPlace=True)
    for container in (*staff[stream.Measure], *staff[stream.Voice]):
        _split_rests(container)
    for measure in staff.getElementsByClass(stream.Measure):
        for number, voice in enumerate(measure.voices, start=1):
            voice.id = str(number)
    return staff


def _split_rests(container: stream.Stream[note.GeneralNote]) -> None:
    """Replace rests with several dots, which are hard to read, by aligned undotted rests."""
    for rest in list(container.getElementsByClass(note.Rest)):
        start, end = Fraction(rest.offset), Fraction(rest.offset + rest.quarterLength)
        is_in_triplet = start % REST_LENGTHS[0] != 0 or end % REST_LENGTHS[0] != 0
        if rest.duration.dots <= 1 or is_in_triplet:
            continue
        container.remove(rest)
        while start < end:
            aligned = [length for length in REST_LENGTHS if start % length == 0]
            longest = max(length for length in aligned if start + length <= end)
            container.insert(start, note.Rest(quarterLength=longest))
            start += longest


def _elements(notes: Iterable[Note], sharps: int) -> list[note.NotRest]:
    """Notes; those with the same start and duration are combined into a chord."""
    simultaneous: defaultdict[tuple[int, int], list[Note]] = defaultdict(list)
    for melody_note in notes:
        simultaneous[melody_note.start, melody_note.duration].append(melody_note)
    return [_element(group, sharps) for group in simultaneous.values()]


def _element(notes: list[Note], sharps: int) -> note.NotRest:
    length = Fraction(notes[0].duration, TICKS_PER_QUARTER)
    pitches = [spell(melody_note.pitch, sharps) for melody_note in notes]
    element: note.NotRest
    if len(pitches) == 1:
        element = note.Note(pitches[0], quarterLength=length)
    else:
        element = chord.Chord(pitches, quarterLength=length)
    element.volume.velocity = max(melody_note.velocity for melody_note in notes)
    element.offset = Fraction(notes[0].start, TICKS_PER_QUARTER)
    return element
