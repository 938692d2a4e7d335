"""Changes notes of one track of a file; every other event stays as it is.

Only what would contradict the new notes is left out: note-offs that end no note of the file, but
would end a new one early, and time signatures that begin at the end of a file that is continued.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.notes import Note
from shared.midi.bars import TimeSignature
from shared.midi.container import Container
from shared.midi.events import (
    META,
    NOTE_OFF,
    NOTE_ON,
    SET_TEMPO,
    TIME_SIGNATURE,
    Event,
    is_meta,
    read_events,
    write_events,
)
from shared.midi.note_pairs import pair_notes
from shared.midi.score import Track
from shared.midi.ticks import to_file_ticks, to_our_ticks
from shared.midi.writer import tempo_event, time_signature_event

RELEASE_VELOCITY = 64
"""The default of the MIDI specification."""
BEFORE, SAME, AFTER = range(3)
"""The order of events at one time: ends of new notes, events of the file, new notes."""

Interval = tuple[int, int]
"""The ticks from the first number to the one before the second; ours, not those of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackChange:
    """What changes in a track; times are our ticks."""

    removed: Sequence[Interval] = ()
    """The notes that begin in these intervals are removed."""
    added: Sequence[Note] = ()
    new_bars: Interval | None = None
    """Where the file is continued: the track ends no earlier, and no time signature begins here."""
    time_signature: TimeSignature | None = None
    """The time signature of the new bars; None: that of the last bar."""


def change_track(container: Container, track: Track, change: TrackChange) -> Container:
    """The file with this change.

    The added notes must be those of `on_file_ticks`, and end as `NoteOffResolver` says.
    """
    *events, last = read_events(container.tracks[track.chunk])
    division = container.division
    removed, unended = _find_notes(events, track.channel, division, change.removed)
    removed |= _find_strays(events, track.channel, division, change.added)
    merged = [
        (event.tick, SAME, event) for index, event in enumerate(events) if index not in removed
    ]
    merged += [(last.tick, SAME, _note_off(last.tick, on.status, on.data[0])) for on in unended]
    merged += _note_events(change.added, track.channel, division)
    merged.sort(key=lambda item: item[:2])
    begin, new_end = change.new_bars or (0, 0)
    end = max(last.tick, to_file_ticks(new_end, division), *(item[0] for item in merged[-1:]))
    body = write_events([*(event for _, _, event in merged), last._replace(tick=end)])
    tracks = list(container.tracks)
    tracks[track.chunk] = body
    if change.new_bars is not None:
        tick = to_file_ticks(begin, division)
        tracks = [_without_time_signatures(each, tick) for each in tracks]
    if change.time_signature is not None:
        tracks[0] = _add_time_signature(tracks[0], change.time_signature, division)
    return replace(container, tracks=tuple(tracks))


def _without_time_signatures(body: bytes, tick: int) -> bytes:
    """A track without the time signatures from a tick on; its bytes if there are none."""
    if bytes((META, TIME_SIGNATURE)) not in body:
        return body  # as most tracks, which need not be parsed for each melody
    events = list(read_events(body))
    kept = [event for event in events if event.tick < tick or not is_meta(event, TIME_SIGNATURE)]
    return body if len(kept) == len(events) else write_events(kept)


def _add_time_signature(body: bytes, signature: TimeSignature, division: int) -> bytes:
    *events, last = read_events(body)
    tick = to_file_ticks(signature.tick, division)
    new = time_signature_event(*signature[1:])._replace(tick=tick)
    before = [event for event in events if event.tick < tick]
    after = events[len(before) :]
    return write_events([*before, new, *after, last._replace(tick=max(last.tick, tick))])


def set_tempo(container: Container, tempo: float) -> Container:
    """The file with one tempo, in quarter notes per minute, instead of all of its own."""
    first, *others = (
        [event for event in read_events(body) if not is_meta(event, SET_TEMPO)]
        for body in container.tracks
    )
    changed = ([tempo_event(tempo), *first], *others)
    return replace(container, tracks=tuple(map(write_events, changed)))


def kept_notes(notes: NDArray[np.int64], removed: Sequence[Interval]) -> list[Note]:
    """The notes [n, 4] of a track that do not begin in these intervals."""
    return [Note(*note) for note in notes.tolist() if not any(a <= note[0] < b for a, b in removed)]


def on_file_ticks(note: Note, division: int) -> Note:
    """A note as it is read again from a file with so many ticks per quarter note."""
    start, end = (
        to_file_ticks(tick, division) for tick in (note.start, note.start + note.duration)
    )
    start, end = (to_our_ticks(tick, division) for tick in (start, max(end, start + 1)))
    return note._replace(start=start, duration=max(end - start, 1))


def _find_notes(
    events: Sequence[Event], channel: int, division: int, intervals: Sequence[Interval]
) -> tuple[set[int], list[Event]]:
    """The indices of the events to remove, and the begins of other notes that have no end.

    Notes of the channel that begin in the intervals are removed. Those without an end last until
    the end of the track, which may move.
    """
    removed, unended = set[int](), []
    for on, off in pair_notes(events):
        start = to_our_ticks(events[on].tick, division)
        is_inside = any(first <= start < end for first, end in intervals)
        if is_inside and events[on].status & 0x0F == channel:
            removed |= {on} if off is None else {on, off}
        elif off is None:
            unended.append(events[on])
    return removed, unended


def _find_strays(
    events: Sequence[Event], channel: int, division: int, added: Iterable[Note]
) -> set[int]:
    """The indices of the events that end no note of the file, and would end an added one early."""
    paired = {index for pair in pair_notes(events) for index in pair}
    sounding = defaultdict[int, list[Interval]](list)
    for start, duration, pitch, _ in added:
        interval = (to_file_ticks(start, division), to_file_ticks(start + duration, division))
        sounding[pitch].append(interval)
    return {
        index
        for index, event in enumerate(events)
        if index not in paired
        and event.status in (NOTE_ON | channel, NOTE_OFF | channel)
        and any(first < event.tick < last for first, last in sounding[event.data[0]])
    }


def _note_events(
    notes: Iterable[Note], channel: int, division: int
) -> Iterator[tuple[int, int, Event]]:
    for start, duration, pitch, velocity in notes:
        first = to_file_ticks(start, division)
        last = max(to_file_ticks(start + duration, division), first + 1)
        yield first, AFTER, Event(first, NOTE_ON | channel, bytes((pitch, velocity)))
        yield last, BEFORE, _note_off(last, channel, pitch)


def _note_off(tick: int, channel: int, pitch: int) -> Event:
    return Event(tick, NOTE_OFF | (channel & 0x0F), bytes((pitch, RELEASE_VELOCITY)))
