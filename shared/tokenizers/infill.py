"""The infill format: FILL replaces masked bars, which follow SEP in order.

Serving and training share it. With it, a model that generates from left to right learns to generate
bars from the bars on both sides (Donahue et al. 2020, arXiv:2005.05339, with bars as blanks). No
note extends across the line between visible and masked bars.
"""

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.notes import Metre, Note
from shared.tokenizers.quantization import NoteArray, bar_lines
from shared.tokenizers.remi import RemiTokenizer

MIN_BARS = 3
"""Number of bars of the shortest training example with masked bars."""
MAX_MASKED_SHARE = 0.5
"""Largest share of a training example's bars that is masked."""

Ids = NDArray[np.int64]


def keep_visible(
    notes: Sequence[Note], masked: Sequence[int], metres: Sequence[Metre] = ()
) -> list[Note]:
    """The notes of the bars that are not masked, shortened where a masked bar begins."""
    lines = bar_lines(max((note.start for note in notes), default=0) + 1, metres).tolist()
    removed = set(masked)
    kept = []
    for note in notes:
        bar = bisect_right(lines, note.start) - 1
        if bar in removed:
            continue
        limits = [lines[other] for other in masked if bar < other < len(lines)]
        end = min([note.start + note.duration, *limits])
        kept.append(note._replace(duration=end - note.start))
    return kept


def encode_prompt(
    tokenizer: RemiTokenizer,
    notes: Sequence[Note],
    metres: Sequence[Metre],
    masked: Sequence[int],
    prefix: Sequence[int],
    max_tokens: int,
) -> tuple[int, ...]:
    """`prefix`, the bars of a piece in these metres with FILL for each masked bar, and SEP.

    If this exceeds `max_tokens`, the bars furthest from the masked bars are left out.
    """
    bars = encode_bars(tokenizer, keep_visible(notes, masked, metres), metres)
    for bar in masked:
        bars[bar] = [tokenizer.fill]
    included = set(masked)
    capacity = max_tokens - len(prefix) - len(masked) - 1
    for bar in sorted(range(len(bars)), key=lambda bar: min(abs(bar - other) for other in masked)):
        if bar not in included:
            capacity -= len(bars[bar])
            if capacity < 0:
                break
            included.add(bar)
    context = [token for bar in sorted(included) for token in bars[bar]]
    return (*prefix, *context, tokenizer.sep)


def encode_example(ids: Ids, tokenizer: RemiTokenizer, masked: NDArray[np.int64]) -> Ids:
    """A training example: `ids` with the bars `masked` (from 0, ascending) after SEP; then EOS."""
    head, bars = split_bars(ids, tokenizer)
    visible = [[tokenizer.fill] if bar in masked else part for bar, part in enumerate(bars)]
    return np.concatenate(
        [head, *visible, [tokenizer.sep], *(bars[bar] for bar in masked), [tokenizer.eos]]
    )


def choose_masked_bars(rng: np.random.Generator, num_bars: int) -> NDArray[np.int64]:
    """Random bars for a training example, ascending: half of the time they are consecutive."""
    max_count = max(1, int(num_bars * MAX_MASKED_SHARE))
    count = int(rng.integers(1, max_count + 1))
    if rng.random() < 0.5:  # noqa: PLR2004 - half of the time
        first = int(rng.integers(num_bars - count + 1))
        return np.arange(first, first + count)
    return np.sort(rng.choice(num_bars, count, replace=False))


def split_bars(ids: Ids, tokenizer: RemiTokenizer) -> tuple[Ids, list[Ids]]:
    """The ids before the first bar line, and the ids of each bar."""
    head, *bars = np.split(ids, np.flatnonzero(tokenizer.opens_bar[ids]))
    return head, bars


def encode_bars(
    tokenizer: RemiTokenizer, notes: Sequence[Note] | NoteArray, metres: Sequence[Metre]
) -> list[list[int]]:
    """The ids of each of these bars, in which the notes begin; bars after the last note are empty.

    A last note whose duration is rounded up opens no further bar.
    """
    _, bars = split_bars(np.array(tokenizer.encode(notes, metres), dtype=np.int64), tokenizer)
    encoded = [bar.tolist() for bar in bars[: len(metres)]]
    return encoded + [[tokenizer.empty_bar(metre)] for metre in metres[len(encoded) :]]
