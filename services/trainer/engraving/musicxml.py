"""Engraving of notes as MusicXML, with the measures, voices and clefs of music21."""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from music21 import chord, instrument, key, layout, metadata, meter, note, pitch, stream, tempo
from music21.musicxml.m21ToXml import GeneralObjectExporter

from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.notes import TICKS_PER_QUARTER, Note

QUANTIZATION = (8, 3)
"""Divisions of a quarter that are notated: 32nds, and eighth-note triplets."""
KEYBOARDS = range(24)
"""General MIDI programs: pianos, chromatic percussion, organs."""
MIDDLE_C = 60
REST_LENGTHS = [Fraction(2) ** power for power in range(-3, 3)]
"""Lengths of rests without dots, in quarters."""
DEFAULT_TITLE, COMPOSER = "A piece", "Ostinato"
FIFTHS = "FCGDAEB"
"""Note names in ascending fifths."""


def to_musicxml(request: EngravingRequest) -> str:
    """A MusicXML document; a keyboard instrument has two staves, split at middle C."""
    sharps = _key_signature(request.notes)
    staves = [_staff(notes, request.instrument, sharps) for notes in _split_hands(request)]
    staves[0][stream.Measure][0].insert(0, tempo.MetronomeMark(number=request.tempo))
    score = stream.Score(staves)
    score.insert(0, metadata.Metadata(title=request.title or DEFAULT_TITLE, composer=COMPOSER))
    if len(staves) > 1:
        score.insert(0, layout.StaffGroup(staves, symbol="brace"))
    return GeneralObjectExporter(score).parse().decode()


def _split_hands(request: EngravingRequest) -> list[list[Note]]:
    """The notes of each staff, top staff first; none is empty."""
    if request.instrument not in KEYBOARDS:
        return [request.notes]
    right = [each for each in request.notes if each.pitch >= MIDDLE_C]
    left = [each for each in request.notes if each.pitch < MIDDLE_C]
    return [hand for hand in (right, left) if hand]


def _key_signature(notes: Iterable[Note]) -> int:
    """Sharps of the key that fits best, at most six; negative numbers are flats."""
    found: int = stream.Stream(_elements(notes, 0)).analyze("key").sharps
    return found - 12 * round(found / 12)


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
    """Replace rests with several dots, which are hard to read, by aligned rests without dots."""
    for rest in list(container.getElementsByClass(note.Rest)):
        at, end = Fraction(rest.offset), Fraction(rest.offset + rest.quarterLength)
        is_binary = at % REST_LENGTHS[0] == end % REST_LENGTHS[0] == 0  # triplets are left as is
        if rest.duration.dots <= 1 or not is_binary:
            continue
        container.remove(rest)
        while at < end:
            length = max(each for each in REST_LENGTHS if at % each == 0 and at + each <= end)
            container.insert(at, note.Rest(quarterLength=length))
            at += length


def _elements(notes: Iterable[Note], sharps: int) -> list[note.NotRest]:
    """Notes, and chords of the notes that have the same start and duration."""
    simultaneous: defaultdict[tuple[int, int], list[Note]] = defaultdict(list)
    for each in notes:
        simultaneous[each.start, each.duration].append(each)
    return [_element(each, sharps) for each in simultaneous.values()]


def _element(notes: list[Note], sharps: int) -> note.NotRest:
    length = Fraction(notes[0].duration, TICKS_PER_QUARTER)
    pitches = [_spell(each.pitch, sharps) for each in notes]
    element: note.NotRest
    if len(pitches) == 1:
        element = note.Note(pitches[0], quarterLength=length)
    else:
        element = chord.Chord(pitches, quarterLength=length)
    element.volume.velocity = max(each.velocity for each in notes)
    element.offset = Fraction(notes[0].start, TICKS_PER_QUARTER)
    return element


def _spell(midi_pitch: int, sharps: int) -> pitch.Pitch:
    """The enharmonic spelling that is closest to the key on the circle of fifths."""
    flattest = sharps - 3  # in C major: E flat; the sharpest spelling is G sharp
    fifths = flattest + (7 * midi_pitch - flattest) % 12
    alteration, name = divmod(fifths + 1, 7)
    spelled = pitch.Pitch(FIFTHS[name])
    spelled.accidental = pitch.Accidental(alteration)
    spelled.octave = (midi_pitch - alteration) // 12 - 1
    return spelled
