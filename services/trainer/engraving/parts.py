"""The part of one track: its name, its sound and its staves."""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial

from music21 import chord, clef, instrument, note, stream

from ostinato.schemas.engravings import printable
from ostinato.schemas.melodies import MelodyTrack
from ostinato.schemas.notes import Note
from services.trainer.engraving.conventions import nearest_signature, spell, split_hands
from services.trainer.engraving.drum_parts import drum_element, lengthen_hits
from services.trainer.engraving.paper_time import Measure, PaperNote, PaperTime
from services.trainer.engraving.staff import MakeElement, StaffStyle, engrave_staff

DRUMS = "Drums"
"""The name of a part of drums whose track has none."""
OCTAVE = 12
LOWEST_PITCH, HIGHEST_PITCH = 13, 130
"""Written MIDI pitches that have an octave from 0 to 9 in every spelling."""
FIFTHS_OF_SEMITONE = 7
"""A semitone higher is a key with seven more sharps, or five more flats."""


class TrackPart:
    """One track on paper."""

    def __init__(self, index: int, track: MelodyTrack) -> None:
        self.track = track
        self.id = f"P{index + 1}"
        """Its id in the document."""
        self._channel = index
        """Another one than those of all other parts; the document gets one from 1 to 16."""

    def staves(self, measures: Sequence[Measure], sharps: int) -> list[stream.PartStaff]:
        """The staves, top staff first; `sharps` are those of the key at sounding pitch."""
        if self.track.is_drum:
            return [self._drum_staff(measures)]
        hands = split_hands(self.track.notes, self.track.program)
        return [self._pitched_staff(hand, measures, sharps) for hand in hands]

    def _drum_staff(self, measures: Sequence[Measure]) -> stream.PartStaff:
        notes = self.track.notes
        hits = lengthen_hits(PaperTime(measures, notes).round_notes(notes), measures)
        style = StaffStyle(
            instrument=self._instrument(),
            clef=clef.PercussionClef(),  # type: ignore[no-untyped-call]
            sharps=None,
            make_element=_drums,
        )
        return engrave_staff(hits, measures, style)

    def _pitched_staff(
        self, notes: Sequence[Note], measures: Sequence[Measure], sharps: int
    ) -> stream.PartStaff:
        sound = self._instrument()
        higher = -int(sound.transposition.semitones) if sound.transposition else 0
        written = [_at_written_pitch(melody_note, higher) for melody_note in notes]
        paper_notes = PaperTime(measures, written).round_notes(written)
        written_sharps = nearest_signature(sharps + FIFTHS_OF_SEMITONE * higher)
        make_element: MakeElement = partial(_pitched, written_sharps)
        elements = [make_element(paper_note, Fraction(1)) for paper_note in paper_notes]
        style = StaffStyle(
            instrument=sound,
            clef=clef.bestClef(stream.Stream(elements)),
            sharps=written_sharps,
            make_element=make_element,
        )
        return engrave_staff(paper_notes, measures, style)

    def _instrument(self) -> instrument.Instrument:
        sound: instrument.Instrument
        if self.track.is_drum:
            sound = instrument.UnpitchedPercussion()  # type: ignore[no-untyped-call]
            sound.instrumentName = DRUMS
        else:
            sound = instrument.instrumentFromMidiProgram(self.track.program)
        sound.partName = printable(self.track.name) or sound.instrumentName
        sound.midiChannel = self._channel
        sound.partId, sound.instrumentId = self.id, f"{self.id}-sound"
        return sound


def _at_written_pitch(melody_note: Note, higher: int) -> Note:
    """A note for an instrument that is written so many semitones higher than it sounds.

    MusicXML has the octaves 0 to 9: what is lower or higher is written in the nearest of them.
    """
    pitch = melody_note.pitch + higher
    if pitch < LOWEST_PITCH:
        pitch += OCTAVE * -((pitch - LOWEST_PITCH) // OCTAVE)
    elif pitch > HIGHEST_PITCH:
        pitch -= OCTAVE * -((HIGHEST_PITCH - pitch) // OCTAVE)
    return melody_note._replace(pitch=pitch)


def _pitched(sharps: int, paper_note: PaperNote, length: Fraction) -> note.NotRest:
    pitches = [spell(pitch, sharps) for pitch in paper_note.pitches]
    for spelled in pitches:
        if spelled.alter == 0:  # with an accidental, music21 shows a natural that is not needed
            spelled.accidental = None
    element: note.NotRest
    if len(pitches) == 1:
        element = note.Note(pitches[0], quarterLength=length)
    else:
        element = chord.Chord(pitches, quarterLength=length)
    element.volume.velocity = paper_note.velocity
    return element


def _drums(paper_note: PaperNote, length: Fraction) -> note.NotRest:
    element = drum_element(paper_note.pitches)
    element.quarterLength = length
    element.volume.velocity = paper_note.velocity
    return element
