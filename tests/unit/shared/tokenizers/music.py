"""Music out of a random number generator: enough like music that pairs can be learnt from it."""

import random

from ostinato.schemas.notes import TICKS_PER_BAR, Note

SCALE = [48, 52, 55, 60, 62, 64, 67, 72, 76]


def piece(seed: int, bars: int = 8) -> list[Note]:
    """Chords and single notes on sixteenths, in order of start and pitch."""
    rng = random.Random(seed)  # noqa: S311 - music, not secrets
    return [
        Note(
            bar * TICKS_PER_BAR + 120 * position,
            rng.choice([60, 120, 240, 480, 960]),
            pitch,
            rng.choice([55, 79, 103]),
        )
        for bar in range(bars)
        for position in sorted(rng.sample(range(16), rng.randrange(7)))
        for pitch in sorted(rng.sample(SCALE, rng.choice([1, 1, 2, 3])))
    ]


def rough(seed: int) -> list[Note]:
    """The same as somebody might play it: off the grid, in any order, of any length."""
    rng = random.Random(seed)  # noqa: S311 - music, not secrets
    notes = [
        Note(
            start=max(0, note.start + rng.randrange(-29, 30)),
            duration=rng.randrange(1, 6000),
            pitch=rng.randrange(128),
            velocity=rng.randrange(1, 128),
        )
        for note in piece(seed)
    ]
    rng.shuffle(notes)
    return notes
