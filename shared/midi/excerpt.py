"""Cuts bars out of a file: their events, and the settings that hold there."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ostinato.schemas.notes import Bar
from shared.midi.container import Container
from shared.midi.events import (
    CONTROLLER,
    END_OF_TRACK,
    KEY_SIGNATURE,
    META,
    PITCH_BEND,
    PROGRAM,
    SET_TEMPO,
    SYSTEM,
    TIME_SIGNATURE,
    Event,
    read_events,
    write_events,
)
from shared.midi.note_pairs import pair_notes
from shared.midi.ticks import to_file_ticks

FIRST_MODE_MESSAGE = 120
"""Controllers from this one on are commands, and set nothing."""
SETTINGS = (SET_TEMPO, TIME_SIGNATURE, KEY_SIGNATURE)
"""Meta events that hold until the next one of their type."""


def cut(container: Container, bars: Sequence[Bar]) -> Container:
    """These consecutive bars of a file.

    Notes that begin before them are left out, and those that outlast them are shortened.
    """
    start = to_file_ticks(bars[0].start, container.division)
    end = to_file_ticks(bars[-1].start + bars[-1].length, container.division)
    tracks = tuple(write_events(_cut(body, start, end)) for body in container.tracks)
    return replace(container, tracks=tracks)


def _cut(body: bytes, start: int, end: int) -> Iterator[Event]:
    events = list(read_events(body))
    left_out, unended = set[int](), set[int]()
    for on, off in pair_notes(events):
        tick = events[on].tick
        if not start <= tick < end:
            left_out |= {on} if off is None else {on, off}
        elif off is not None and events[off].tick >= end:
            unended.add(off)
    yield from (event._replace(tick=0) for event in _settings(events, start))
    for index, event in enumerate(events[:-1]):
        if index in unended:
            yield event._replace(tick=end - start)
        elif start <= event.tick < end and index not in left_out:
            yield event._replace(tick=event.tick - start)
    yield Event(end - start, META, bytes((END_OF_TRACK,)))


def _settings(events: Sequence[Event], start: int) -> list[Event]:
    """What holds at a time: of each setting the last event before, and the events at time 0."""
    found: dict[tuple[int, ...], Event] = {}
    for index, event in enumerate(events):
        if event.tick >= start:
            break
        if (key := _setting(event)) is not None:
            found.pop(key, None)
            found[key] = event
        elif event.status >= SYSTEM and (event.tick == 0 or event.status != META):
            found[(index,)] = event
    return list(found.values())


def _setting(event: Event) -> tuple[int, ...] | None:
    """Identifies what an event sets until it is set again; None if it sets nothing."""
    if event.status == META:
        return (META, event.data[0], 0) if event.data[0] in SETTINGS else None
    if event.status >= SYSTEM:
        return None
    kind = event.status & 0xF0
    if kind == CONTROLLER and event.data[0] < FIRST_MODE_MESSAGE:
        return (event.status, event.data[0])
    return (event.status, -1) if kind in (PROGRAM, PITCH_BEND) else None
