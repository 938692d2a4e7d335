"""Pairs the events that begin and end notes.

The first end of a pitch is that of its oldest note.
The reader and what changes files share this rule.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence

from shared.midi.events import NOTE_OFF, NOTE_ON, SYSTEM, Event


def pair_notes(events: Sequence[Event]) -> Iterator[tuple[int, int | None]]:
    """The indices of the events that begin and end each note; None if the file does not end it."""
    sounding: defaultdict[tuple[int, int], deque[int]] = defaultdict(deque)
    for index, event in enumerate(events):
        if event.status >= SYSTEM:
            continue
        kind, channel = event.status & 0xF0, event.status & 0x0F
        if kind not in (NOTE_ON, NOTE_OFF):
            continue
        notes = sounding[channel, event.data[0]]
        if kind == NOTE_ON and event.data[1]:
            notes.append(index)
        elif notes:
            yield notes.popleft(), index
    for unended in sounding.values():
        yield from ((index, None) for index in unended)
