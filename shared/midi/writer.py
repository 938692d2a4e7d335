"""Writes a MIDI file: one track with tempo, time signature and instrument.

The track ends on a bar line. Equal notes give equal bytes.
"""

from collections.abc import Sequence

from symusic.core import NoteTick, ScoreTick, TempoTick, TimeSignatureTick, TrackTick

from ostinato.schemas.notes import QUARTERS_PER_BAR, TICKS_PER_BAR, TICKS_PER_QUARTER, Note
from shared.midi.variable_length import encode_variable_length

END_OF_TRACK = b"\xff\x2f\x00"
LENGTH_OFFSET, EVENTS_OFFSET = 18, 22
"""Offsets of the track's length and of its events, in a file of one track."""


def write_midi(notes: Sequence[Note], *, tempo: int, instrument: int, bars: int) -> bytes:
    """A file of `bars` bars; ValueError if a note ends after them.

    `tempo` is in quarter notes per minute; `instrument` is a General MIDI program from 0.
    """
    end = bars * TICKS_PER_BAR
    last = max((note.start + note.duration for note in notes), default=0)
    if last > end:
        raise ValueError(f"bars: {bars}, but a note ends {last - end} ticks after them")
    score = ScoreTick(TICKS_PER_QUARTER)
    score.tempos.append(TempoTick(0, qpm=tempo))
    score.time_signatures.append(TimeSignatureTick(0, QUARTERS_PER_BAR, 4))
    score.tracks.append(_track(notes, instrument))
    return _set_end_of_track(score.dumps_midi(), end - last)


def _track(notes: Sequence[Note], instrument: int) -> TrackTick:
    track = TrackTick("", instrument)
    for note in notes:
        track.notes.append(NoteTick(*note))
    return track


def _set_end_of_track(midi: bytes, delta: int) -> bytes:
    """End the track `delta` ticks after its last note; symusic always writes one tick."""
    events = midi[EVENTS_OFFSET:].removesuffix(b"\x01" + END_OF_TRACK)
    events += encode_variable_length(delta) + END_OF_TRACK
    return midi[:LENGTH_OFFSET] + len(events).to_bytes(4, "big") + events
