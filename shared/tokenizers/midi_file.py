"""Notes to a MIDI file and back, through symusic.

Writes one track with tempo, metre and instrument, ending on a bar line: the same bytes for the same
notes. Reads anybody's file as one stream of pitched notes. Refuses to know tokens.
"""

from collections.abc import Sequence

from symusic.core import NoteTick, ScoreTick, TempoTick, TimeSignatureTick, TrackTick

from ostinato.schemas.notes import QUARTERS_PER_BAR, TICKS_PER_BAR, TICKS_PER_QUARTER, Note
from shared.errors import InvalidMidi

END_OF_TRACK = b"\xff\x2f\x00"
LENGTH_AT, TRACK_AT = 18, 22
"""Where a file of one track has that track's length, and its events."""


def write_midi(notes: Sequence[Note], *, tempo: int, instrument: int, bars: int) -> bytes:
    """A file of `bars` bars; ValueError if a note ends after them.

    `tempo` is in quarter notes a minute, `instrument` a General MIDI program from 0.
    """
    end = bars * TICKS_PER_BAR
    last = max((note.start + note.duration for note in notes), default=0)
    if last > end:
        raise ValueError(f"bars: {bars}, but a note ends {last - end} ticks after them")
    score = ScoreTick(TICKS_PER_QUARTER)
    score.tempos.append(TempoTick(0, qpm=tempo))
    score.time_signatures.append(TimeSignatureTick(0, QUARTERS_PER_BAR, 4))
    score.tracks.append(_track(notes, instrument))
    return _end_at(score.dumps_midi(), end - last)


def read_midi(data: bytes) -> list[Note]:
    """The notes of all pitched tracks in order of start and pitch, drums left out.

    Times are brought to our ticks; tempo and metre are ignored. InvalidMidi if it does not parse.
    """
    try:
        score = ScoreTick.from_midi(data).resample(TICKS_PER_QUARTER, min_dur=1)
    except (RuntimeError, OverflowError) as error:
        raise InvalidMidi(f"The file is no readable MIDI: {error}") from error
    notes = [
        Note(note.start, note.duration, note.pitch, note.velocity)
        for track in score.tracks
        if not track.is_drum
        for note in track.notes
    ]
    return sorted(notes, key=lambda note: (note.start, note.pitch, note.duration, note.velocity))


def _track(notes: Sequence[Note], instrument: int) -> TrackTick:
    track = TrackTick("", instrument)
    for note in notes:
        track.notes.append(NoteTick(*note))
    return track


def _end_at(midi: bytes, rest: int) -> bytes:
    """Let the track end `rest` ticks after its last note; symusic always writes one tick."""
    events = midi[TRACK_AT:].removesuffix(b"\x01" + END_OF_TRACK)
    events += _variable_length(rest) + END_OF_TRACK
    return midi[:LENGTH_AT] + len(events).to_bytes(4, "big") + events


def _variable_length(value: int) -> bytes:
    """A number in groups of seven bits, the high bit set on all but the last (MIDI 1.0)."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))
