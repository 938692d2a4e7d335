"""Bars of a piece written anew, with sight of both sides: what the model sees, and what is kept.

The model was taught to write the bars that FILL stands for behind SEP. Nothing rings across a line
between kept and new bars, so each of both stays as it is. Refuses to know the engine and requests.
"""

from collections.abc import Sequence

import numpy as np

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.tokenizers.remi import Remi


def num_bars(notes: Sequence[Note]) -> int:
    """Of a piece, the last bar rounded up."""
    return -(-max(note.start + note.duration for note in notes) // TICKS_PER_BAR)


def keep(notes: Sequence[Note], hidden: Sequence[int]) -> list[Note]:
    """The notes of all other bars, which end where a hidden bar begins."""
    gone = set(hidden)
    kept = []
    for note in notes:
        bar = note.start // TICKS_PER_BAR
        if bar in gone:
            continue
        line = min((each for each in hidden if each > bar), default=None)
        left = note.duration if line is None else line * TICKS_PER_BAR - note.start
        kept.append(note._replace(duration=min(note.duration, left)))
    return kept


def head(
    vocabulary: Remi, notes: Sequence[Note], hidden: Sequence[int], prefix: Sequence[int], room: int
) -> tuple[int, ...]:
    """`prefix`, the bars of a piece with FILL for each that is hidden, and SEP.

    Of a piece that does not fit into `room` tokens, the bars that are furthest from what is hidden
    are left out.
    """
    bars = _bars(vocabulary, keep(notes, hidden), num_bars(notes))
    for bar in hidden:
        bars[bar] = [vocabulary.fill]
    seen = set(hidden)
    room -= len(prefix) + len(hidden) + 1
    for bar in sorted(range(len(bars)), key=lambda bar: min(abs(bar - each) for each in hidden)):
        if bar not in seen:
            room -= len(bars[bar])
            if room < 0:
                break
            seen.add(bar)
    middle = [token for bar in sorted(seen) for token in bars[bar]]
    return (*prefix, *middle, vocabulary.sep)


def _bars(vocabulary: Remi, notes: Sequence[Note], count: int) -> list[list[int]]:
    """The ids of each bar; beyond the last note there are rests."""
    ids = np.array(vocabulary.encode(notes), dtype=np.int64)
    _, *bars = np.split(ids, np.flatnonzero(vocabulary.opens_bar[ids]))
    spelt = [bar.tolist() for bar in bars]
    return spelt + [[vocabulary.rest]] * (count - len(spelt))
