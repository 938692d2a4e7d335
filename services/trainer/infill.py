"""Bars taken out of a crop: FILL where each was, and behind SEP the bars themselves, in order.

So a model that writes from left to right learns to write what leads into what it has already seen.
Donahue et al. 2020 (arXiv:2005.05339), with bars for blanks. Refuses to know notes.
"""

import numpy as np
from numpy.typing import NDArray

from shared.tokenizers.remi import Remi

FEWEST_BARS = 3
LARGEST_SHARE = 0.5
"""Of all bars that may be taken out."""

Ids = NDArray[np.int64]


def take_out(ids: Ids, vocabulary: Remi, hidden: NDArray[np.int64]) -> Ids:
    """Reorder `ids`, whose bars `hidden` (counted from 0, ascending) go behind SEP; then EOS."""
    lines = np.flatnonzero(vocabulary.opens_bar[ids])
    head, *bars = np.split(ids, lines)
    visible = [[vocabulary.fill] if at in hidden else bar for at, bar in enumerate(bars)]
    return np.concatenate(
        [head, *visible, [vocabulary.sep], *(bars[at] for at in hidden), [vocabulary.eos]]
    )


def choose(rng: np.random.Generator, num_bars: int) -> NDArray[np.int64]:
    """Which bars to take out: as often a run of them as some here and there."""
    most = max(1, int(num_bars * LARGEST_SHARE))
    count = int(rng.integers(1, most + 1))
    if rng.random() < 0.5:  # noqa: PLR2004 - as often as not
        first = int(rng.integers(num_bars - count + 1))
        return np.arange(first, first + count)
    return np.sort(rng.choice(num_bars, count, replace=False))
