"""Random MIDI files of several tracks, with everything that people's files contain."""

import random
from collections.abc import Iterator

from ostinato.schemas.notes import TICKS_PER_QUARTER, Metre
from shared.midi.container import Container
from shared.midi.events import (
    CONTROLLER,
    META,
    NOTE_OFF,
    NOTE_ON,
    PITCH_BEND,
    PROGRAM,
    SYSEX,
    Event,
    write_events,
)
from shared.midi.writer import time_signature_event

DIVISIONS = (96, 100, 120, 220, 384, 480, 960, 1023)
BARS = 6
END = (META, b"\x2f")


def random_file(seed: int, metre: Metre = Metre.FOUR_FOUR) -> Container:
    """A file of several chunks, of which some have several channels."""
    rng = random.Random(seed)  # noqa: S311 - music, not secrets
    division = rng.choice(DIVISIONS)
    end = BARS * metre.bar_length * division // TICKS_PER_QUARTER
    conductor = [
        Event(0, META, b"\x51\x07\xa1\x20"),
        Event(rng.randrange(end), META, b"\x51\x0a\x2c\x2a"),
        Event(rng.randrange(end), META, b"\x06A marker"),
        time_signature_event(*metre.fraction),
    ]
    chunks = [conductor] + [list(_chunk(rng, end)) for _ in range(rng.randrange(1, 4))]
    if rng.random() < 1 / 4:
        chunks = [[event for chunk in chunks for event in chunk]]
    bodies = [
        write_events([*sorted(chunk, key=lambda event: event.tick), Event(end, *END)])
        for chunk in chunks
    ]
    return Container(division=division, tracks=tuple(bodies), midi_format=int(len(bodies) > 1))


def _chunk(rng: random.Random, end: int) -> Iterator[Event]:
    yield Event(0, META, b"\x03Track")
    for channel in rng.sample(range(16), rng.choice((1, 1, 2))):
        yield Event(0, PROGRAM | channel, bytes((rng.randrange(128),)))
        yield Event(rng.randrange(end), PROGRAM | channel, bytes((rng.randrange(128),)))
        for _ in range(rng.randrange(5, 40)):
            yield from _note(rng, channel, end)
        for _ in range(rng.randrange(10)):
            tick, value = rng.randrange(end), rng.randrange(128)
            yield Event(tick, CONTROLLER | channel, bytes((rng.choice((1, 7, 64)), value)))
            yield Event(tick, PITCH_BEND | channel, bytes((0, value)))
    yield Event(rng.randrange(end), META, b"\x05word")
    yield Event(rng.randrange(end), SYSEX, b"\x7e\x7f\x09\x01\xf7")


def _note(rng: random.Random, channel: int, end: int) -> Iterator[Event]:
    """A note of few pitches, so that many sound twice; some have no end."""
    start, pitch = rng.randrange(end), rng.randrange(58, 66)
    yield Event(start, NOTE_ON | channel, bytes((pitch, rng.randrange(1, 128))))
    last = min(start + rng.choice((1, 20, end // 12, end // 2)), end)
    if rng.random() < 1 / 20:
        return
    if rng.random() < 1 / 2:
        yield Event(last, NOTE_ON | channel, bytes((pitch, 0)))
    else:
        yield Event(last, NOTE_OFF | channel, bytes((pitch, rng.randrange(128))))
