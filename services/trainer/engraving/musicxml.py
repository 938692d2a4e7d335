"""Engraving as MusicXML: a part for each track, with bars and tempos.

Keyboards have two staves, drums are unpitched percussion, and transposing instruments are at
written pitch. The same request gives the same bytes.
"""

from collections.abc import Sequence
from fractions import Fraction
from xml.etree.ElementTree import Element

from music21 import layout, note, stream
from music21.musicxml.m21ToXml import ScoreExporter

from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.melodies import MelodyTrack
from ostinato.schemas.notes import TICKS_PER_QUARTER, TempoMark
from services.trainer.engraving.conventions import heading, key_signature
from services.trainer.engraving.drum_parts import CHANNEL, complete_drum_part
from services.trainer.engraving.paper_time import bars_of_four_quarters, measures_of
from services.trainer.engraving.parts import TrackPart
from services.trainer.engraving.tempo_marks import insert_tempos

PITCHED_CHANNELS = [channel for channel in range(1, 17) if channel != CHANNEL]
"""MIDI channels that the other parts have in turns, counted from 1."""


def to_musicxml(request: EngravingRequest) -> str:
    """A MusicXML document with a part for each track; notes without tracks are one."""
    tracks = request.tracks or [
        MelodyTrack(name="", program=request.instrument, is_drum=False, notes=request.notes or [])
    ]
    notes = [melody_note for track in tracks for melody_note in track.notes]
    measures = measures_of(request.bar_positions or bars_of_four_quarters(notes))
    sharps = _key_of(tracks)
    parts = [TrackPart(index, track) for index, track in enumerate(tracks)]
    score = stream.Score()
    for part in parts:
        staves = part.staves(measures, sharps)
        if part is parts[0]:
            insert_tempos(staves[0], request.tempos or [TempoMark(0, request.tempo)], measures)
        for staff in staves:
            score.insert(0, staff)
        if len(staves) > 1:
            score.insert(0, layout.StaffGroup(staves, symbol="brace"))
    score.insert(0, heading(request.title))
    exporter = ScoreExporter(score, makeNotation=False)
    _complete(exporter.parse(), parts)
    document: bytes = exporter.asBytes()
    return document.decode()


def _key_of(tracks: Sequence[MelodyTrack]) -> int:
    """Sharps of the key of all pitched tracks; 0 if there are none."""
    elements = [
        note.Note(
            melody_note.pitch, quarterLength=Fraction(melody_note.duration, TICKS_PER_QUARTER)
        )
        for track in tracks
        if not track.is_drum
        for melody_note in track.notes
    ]
    return key_signature(elements) if elements else 0


def _complete(score: Element, parts: Sequence[TrackPart]) -> None:
    """Set what music21 does not: the sounds of drums and the channels; remove today's date."""
    for encoding in score.iterfind("identification/encoding"):
        for date in encoding.findall("encoding-date"):
            encoding.remove(date)
    channels = list(score.iterfind("part-list/score-part/midi-instrument/midi-channel"))
    for index, (part, channel) in enumerate(zip(parts, channels, strict=True)):
        channel.text = str(PITCHED_CHANNELS[index % len(PITCHED_CHANNELS)])
        if part.track.is_drum:
            complete_drum_part(score, part.id, part.track.program)
