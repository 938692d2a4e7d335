"""Random pieces that repeat enough for byte pair encoding to learn pairs."""

import random

from ostinato.schemas.notes import TICKS_PER_BAR, Note

SCALE = [48, 52, 55, 60, 62, 64, 67, 72, 76]


def random_piece(seed: int, bars: int = 8) -> list[Note]:
    """Chords and single notes on sixteenths, sorted by start and pitch."""
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


def unquantized_piece(seed: int) -> list[Note]:
    """A random piece off the grid, unsorted, with random pitches, durations and velocities."""
    rng = random.Random(seed)  # noqa: S311 - music, not secrets
    notes = [
        Note(
            start=max(0, note.start + rng.randrange(-29, 30)),
            duration=rng.randrange(1, 6000),
            pitch=rng.randrange(128),
            velocity=rng.randrange(1, 128),
        )
        for note in random_piece(seed)
    ]
    rng.shuffle(notes)
    return notes
