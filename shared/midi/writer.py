"""Writes a MIDI file: one track with tempo, time signature and instrument.

The track ends on a bar line. Equal notes give equal bytes.
"""

from collections.abc import Sequence

from ostinato.schemas.notes import TICKS_PER_QUARTER, Metre, Note
from shared.midi.container import Container
from shared.midi.events import (
    END_OF_TRACK,
    META,
    NOTE_OFF,
    NOTE_ON,
    PROGRAM,
    SET_TEMPO,
    TIME_SIGNATURE,
    Event,
    write_events,
)

MICROSECONDS_PER_MINUTE = 60_000_000
CLOCKS_PER_CLICK, THIRTY_SECONDS_PER_QUARTER = 24, 8
"""The usual end of a time signature event."""


def write_midi(
    notes: Sequence[Note],
    *,
    tempo: float,
    instrument: int,
    bars: int,
    metre: Metre = Metre.FOUR_FOUR,
) -> bytes:
    """A file of `bars` bars; ValueError if a note ends after them.

    `tempo` is in quarter notes per minute; `instrument` is a General MIDI program from 0.
    """
    end = bars * metre.bar_length
    last = max((note.start + note.duration for note in notes), default=0)
    if last > end:
        raise ValueError(f"bars: {bars}, but a note ends {last - end} ticks after them")
    events = [
        time_signature_event(*metre.fraction),
        tempo_event(tempo),
        Event(0, PROGRAM, bytes((instrument,))),
        *sorted((event for note in notes for event in _note(note)), key=_order),
        _meta(END_OF_TRACK, b"")._replace(tick=end),
    ]
    return Container(division=TICKS_PER_QUARTER, tracks=(write_events(events),)).to_bytes()


def tempo_event(tempo: float) -> Event:
    """Sets the tempo, in quarter notes per minute, from the start."""
    return _meta(SET_TEMPO, microseconds_per_quarter(tempo).to_bytes(3, "big"))


def microseconds_per_quarter(tempo: float) -> int:
    """A tempo in quarter notes per minute as files have it."""
    return round(MICROSECONDS_PER_MINUTE / tempo)


def time_signature_event(numerator: int, denominator: int) -> Event:
    """Sets the time signature from the start."""
    power = denominator.bit_length() - 1
    content = (numerator, power, CLOCKS_PER_CLICK, THIRTY_SECONDS_PER_QUARTER)
    return _meta(TIME_SIGNATURE, bytes(content))


def _meta(kind: int, content: bytes) -> Event:
    return Event(0, META, bytes((kind,)) + content)


def _note(note: Note) -> tuple[Event, Event]:
    start, duration, pitch, velocity = note
    on = Event(start, NOTE_ON, bytes((pitch, velocity)))
    return on, Event(start + duration, NOTE_OFF, bytes((pitch, velocity)))


def _order(event: Event) -> tuple[int, bool]:
    """By time; at one time, notes end before others begin."""
    return event.tick, event.status == NOTE_ON
