"""The part of one track: its name, its sound and its staves."""

from collections.abc import Sequence
from fractions import Fraction

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
MAX_OCTAVE = 9
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
        self.name: str = printable(track.name) or self._instrument().partName or ""

    def staves(self, measures: Sequence[Measure], sharps: int) -> list[stream.PartStaff]:
        """The staves, top staff first; `sharps` are those of the key at sounding pitch."""
        track = self.track
        hands = [track.notes] if track.is_drum else split_hands(track.notes, track.program)
        return [self._staff(hand, measures, sharps) for hand in hands]

    def _staff(
        self, notes: Sequence[Note], measures: Sequence[Measure], sharps: int
    ) -> stream.PartStaff:
        rounded = PaperTime(measures, notes).round_notes(notes)
        sound = self._instrument()
        sound.partName = sound.instrumentName = self.name
        make_element: MakeElement
        if self.track.is_drum:
            rounded = lengthen_hits(rounded, measures)
            percussion_clef = clef.PercussionClef()  # type: ignore[no-untyped-call]
            style = StaffStyle(
                instrument=sound, clef=percussion_clef, sharps=None, make_element=_drums
            )
        else:
            higher = -int(sound.transposition.semitones) if sound.transposition else 0
            written = nearest_signature(sharps + FIFTHS_OF_SEMITONE * higher)
            make_element = _Pitched(higher, written)
            elements = [make_element(paper_note, Fraction(1)) for paper_note in rounded]
            style = StaffStyle(
                instrument=sound,
                clef=clef.bestClef(stream.Stream(elements)),
                sharps=written,
                make_element=make_element,
            )
        return engrave_staff(rounded, measures, style)

    def _instrument(self) -> instrument.Instrument:
        sound: instrument.Instrument
        if self.track.is_drum:
            sound = instrument.UnpitchedPercussion()  # type: ignore[no-untyped-call]
            sound.partName = DRUMS
        else:
            sound = instrument.instrumentFromMidiProgram(self.track.program)
            sound.partName = sound.instrumentName
        sound.midiChannel = self._channel
        sound.partId, sound.instrumentId = self.id, f"{self.id}-sound"
        return sound


class _Pitched:
    """Makes notes and chords for an instrument at written pitch.

    MusicXML has the octaves 0 to 9: what is lower or higher is written in the nearest of them.
    """

    def __init__(self, higher: int, sharps: int) -> None:
        self._higher = higher
        """Semitones from sounding to written pitch."""
        self._sharps = sharps

    def __call__(self, paper_note: PaperNote, length: Fraction) -> note.NotRest:
        pitches = [spell(pitch + self._higher, self._sharps) for pitch in paper_note.pitches]
        for spelled in pitches:
            spelled.octave = min(max(spelled.implicitOctave, 0), MAX_OCTAVE)
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
