"""The infill format: the bars after a gap, FILL, the bars before it, the gap.

Serving and training share it. A gap is a run of consecutive bars to generate. The bars that follow
it come first, so that its own bars continue those before it directly. A gap without a bar after it
is a plain continuation, without FILL. Several gaps of a piece are filled one after another; each
sees the bars that were generated for those before it, and those after it without the bars that are
still to be generated. Other orders: Donahue et al. 2020, arXiv:2005.05339 (blanks, then their
contents); Bavarian et al. 2022, arXiv:2207.14255 (suffix, prefix, middle).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.notes import Metre, Note
from shared.tokenizers.quantization import NoteArray, bar_lines
from shared.tokenizers.remi import RemiTokenizer

MIN_BARS = 3
"""Number of bars of the shortest training example with a gap: one before it and one after it."""
MAX_GAP_SHARE = 0.5
"""Largest share of a training example's bars that is a gap."""
GAP_RATES = (0.5, 0.25)
"""Shares of the gaps of one bar and of two; the others have any number up to the largest."""

Ids = NDArray[np.int64]
Bar: TypeAlias = tuple[int, ...]
"""The token ids of a bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InfillGap:
    """Consecutive bars to generate between others; implements `Gap`."""

    bars: int
    before: tuple[Bar | None, ...]
    """All bars before the gap; None for one that the sequence generates earlier."""
    after: tuple[Bar, ...]
    """The bars after the gap, without those of later gaps."""
    prefix: tuple[int, ...]
    """BOS and control tokens."""
    max_tokens: int
    """Largest number of tokens of the prompt."""
    tokenizer: RemiTokenizer

    def prompt(self, generated: Sequence[int] = ()) -> tuple[Bar, Bar]:
        """The pinned prefix and the prompt, from the tokens generated for the earlier gaps."""
        _, bars = split_bars(np.array(generated, dtype=np.int64), self.tokenizer)
        earlier = iter(bars)
        before = [tuple(next(earlier).tolist()) if bar is None else bar for bar in self.before]
        capacity = self.max_tokens - len(self.prefix) - 1
        num_before, num_after = fit_context(
            [len(bar) for bar in reversed(before)], [len(bar) for bar in self.after], capacity
        )
        suffix = _join(self.after[:num_after])
        marker = (self.tokenizer.fill,) if suffix else ()
        return (*self.prefix, *suffix, *marker), _join(before[len(before) - num_before :])


def fit_context(before: Sequence[int], after: Sequence[int], capacity: int) -> tuple[int, int]:
    """How many of the nearest bars on each side of a gap fit into `capacity` tokens.

    `before` and `after` are the lengths in tokens of the bars, the nearest first. Bars are taken by
    their distance from the gap, on both sides alike; once the next bar of a side does not fit, the
    other side gets the rest.
    """
    sides, counts = (before, after), [0, 0]
    open_sides = [0, 1]
    while open_sides:
        side = min(open_sides, key=counts.__getitem__)
        lengths, count = sides[side], counts[side]
        if count == len(lengths) or lengths[count] > capacity:
            open_sides.remove(side)
        else:
            capacity -= lengths[count]
            counts[side] += 1
    return counts[0], counts[1]


def find_gaps(masked: Sequence[int]) -> Iterator[range]:
    """The runs of consecutive bars among these, which are ascending.

    >>> list(find_gaps([1, 2, 5]))
    [range(1, 3), range(5, 6)]
    """
    first = last = masked[0]
    for bar in (*masked[1:], None):
        if bar is None or bar > last + 1:
            yield range(first, last + 1)
            first = bar or 0
        last = bar or 0


def remove_masked(
    notes: Sequence[Note], masked: Sequence[int], metres: Sequence[Metre] = ()
) -> list[Note]:
    """The notes that begin in bars that are not masked; they may extend into masked ones."""
    lines = bar_lines(max((note.start for note in notes), default=0) + 1, metres).tolist()
    removed = set(masked)
    return [note for note in notes if bisect_right(lines, note.start) - 1 not in removed]


def encode_gaps(
    tokenizer: RemiTokenizer,
    notes: Sequence[Note],
    metres: Sequence[Metre],
    masked: Sequence[int],
    prefix: tuple[int, ...],
    max_tokens: int,
) -> list[InfillGap]:
    """The gaps that the bars `masked` form in a piece in these metres, in order.

    No prompt of theirs exceeds `max_tokens`: the bars furthest from a gap are left out.
    """
    encoded = encode_bars(tokenizer, remove_masked(notes, masked, metres), metres)
    bars: list[Bar | None] = [tuple(bar) for bar in encoded]
    for bar in masked:
        bars[bar] = None
    return [
        InfillGap(
            bars=len(gap),
            before=tuple(bars[: gap.start]),
            after=tuple(bar for bar in bars[gap.stop :] if bar is not None),
            prefix=prefix,
            max_tokens=max_tokens,
            tokenizer=tokenizer,
        )
        for gap in find_gaps(masked)
    ]


def encode_example(prefix: Ids, bars: Sequence[Ids], gap: range, tokenizer: RemiTokenizer) -> Ids:
    """A training example: prefix, bars after the gap, FILL, bars before it, the gap; then EOS."""
    after, before = bars[gap.stop :], bars[: gap.start]
    hidden = bars[gap.start : gap.stop]
    return np.concatenate([prefix, *after, [tokenizer.fill], *before, *hidden, [tokenizer.eos]])


def choose_gap(rng: np.random.Generator, num_bars: int) -> range:
    """A random gap of at least `MIN_BARS` bars, mostly a short one, with a bar after it."""
    largest = max(1, int(num_bars * MAX_GAP_SHARE))
    is_one, is_two = np.cumsum(GAP_RATES)
    draw = rng.random()
    count = 1 if draw < is_one else 2 if draw < is_two else int(rng.integers(1, largest + 1))
    count = min(count, largest)
    first = int(rng.integers(num_bars - count))
    return range(first, first + count)


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


def _join(bars: Iterable[Bar]) -> tuple[int, ...]:
    return tuple(token for bar in bars for token in bar)
