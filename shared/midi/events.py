"""The events of one track with their times; reading and writing changes none.

No event is interpreted, so one that is unknown or malformed inside is kept as it is. Source of the
format: Standard MIDI Files 1.0.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from shared.midi.faults import MidiFault, UnreadableMidi
from shared.midi.variable_length import decode_variable_length, encode_variable_length

NOTE_OFF, NOTE_ON, CONTROLLER, PROGRAM, PITCH_BEND = 0x80, 0x90, 0xB0, 0xC0, 0xE0
SYSTEM, SYSEX, SYSEX_CONTINUATION, META = 0xF0, 0xF0, 0xF7, 0xFF
"""Status bytes; below `SYSTEM`, the low four bits are the channel."""
TRACK_NAME, END_OF_TRACK, SET_TEMPO, TIME_SIGNATURE, KEY_SIGNATURE = 0x03, 0x2F, 0x51, 0x58, 0x59
"""Types of meta events."""
MAX_TICK = 2**31 - 1
_END = (META, bytes((END_OF_TRACK,)))
"""The status and the data of the event that ends a track."""
_STATUS = 0x80
"""The bit of status bytes; other bytes of an event do not have it."""


class Event(NamedTuple):
    """One event."""

    tick: int
    """Ticks of the file from its start."""
    status: int
    data: bytes
    """What follows the status: of a meta event its type and its contents, without the length."""


def read_events(body: bytes) -> Iterator[Event]:
    """The events of a track up to its end, which is the last one.

    Raises:
        UnreadableMidi: the track ends within an event, or has an event that cannot be in a file.
    """
    tick = offset = running = 0
    while offset < len(body):
        delta, offset = decode_variable_length(body, offset)
        tick += delta
        if tick > MAX_TICK:
            raise UnreadableMidi(MidiFault.TOO_LONG, "The file is too long: its times overflow.")
        event, offset = _read_event(body, offset, tick, running)
        yield event
        if event.status < SYSTEM:
            running = event.status
        elif event[1:] == _END:
            return
    yield Event(tick, *_END)


def write_events(events: Iterable[Event]) -> bytes:
    """The body of a track; events of a channel share their status byte (running status)."""
    parts, last, running = [], 0, 0
    for tick, status, data in events:
        parts.append(encode_variable_length(tick - last))
        last = tick
        if status == META:
            parts += (b"\xff", data[:1], encode_variable_length(len(data) - 1), data[1:])
        elif status >= SYSTEM:
            parts += (bytes((status,)), encode_variable_length(len(data)), data)
        elif status == running and data[0] < _STATUS:  # another byte would be read as a status
            parts.append(data)
        else:
            parts += (bytes((status,)), data)
        running = status if status < SYSTEM else 0
    return b"".join(parts)


def is_meta(event: Event, kind: int) -> bool:
    """Whether it is a meta event of a kind."""
    return event.status == META and event.data[0] == kind


def _read_event(body: bytes, offset: int, tick: int, running: int) -> tuple[Event, int]:
    """The event at an offset, and the offset after it; `running` is the status before, or 0."""
    status = body[offset] if offset < len(body) else 0
    if status & _STATUS:
        offset += 1
    elif running:
        status = running
    kind = b""
    if _STATUS <= status < SYSTEM:
        length = 1 if PROGRAM <= status < PITCH_BEND else 2
    elif status == META:
        kind = body[offset : offset + 1]
        length, offset = decode_variable_length(body, offset + 1)
    elif status in (SYSEX, SYSEX_CONTINUATION):
        length, offset = decode_variable_length(body, offset)
    else:
        problem = f"of the unknown kind {status:#x}" if status & _STATUS else "without a status"
        raise UnreadableMidi(MidiFault.MALFORMED, f"A track has an event {problem} at tick {tick}.")
    data = kind + body[offset : offset + length]
    if len(data) < len(kind) + length:
        raise UnreadableMidi(MidiFault.MALFORMED, "A track ends in the middle of an event.")
    return Event(tick, status, data), offset + length
