"""Decodes REMI token ids to notes while they are generated.

Every note is final when it is returned: REMI has notes in order of start, and a note is three
consecutive symbols.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from itertools import accumulate
from typing import Self

from ostinato.schemas.notes import Metre, Note
from shared.tokenizers.quantization import in_bars
from shared.tokenizers.symbols import TICKS_PER_POSITION, Symbol, SymbolKind


class InvalidTokenSequence(ValueError):
    """A note is incomplete, or before the first bar line."""


class RemiDecoder:
    """Decodes one sequence of bars, or of those in `bar_order`.

    A note that would extend beyond the sequence, or into a bar that is not in `bar_order`, is
    shortened. Notes are sorted by start, then pitch, if the ids obey the grammar.
    """

    def __init__(
        self,
        token_symbols: Sequence[tuple[Symbol, ...]],
        bars: int,
        bar_order: Sequence[int] = (),
        metres: Sequence[Metre] = (),
    ) -> None:
        """`token_symbols[i]` are the symbols of token i; `metres` are those of all `bars` bars.

        The bars after `metres`, and all by default, are in 4/4.
        """
        self._token_symbols = token_symbols
        self._bar_order = bar_order or range(bars)
        lengths = [metre.bar_length for metre in in_bars(metres, bars)]
        self._lines = [0, *accumulate(lengths)]
        self._ends = _segment_ends(self._bar_order, self._lines)
        self._bar_index = -1
        self._note: dict[SymbolKind, int] = {}

    def copy(self) -> Self:
        """An independent decoder in the same state."""
        copied = copy(self)
        copied._note = dict(self._note)  # noqa: SLF001 - an instance of this class
        return copied

    @property
    def complete_bars(self) -> int:
        """Number of bars from the start to which the sequence can add no further note."""
        return self._bar_order[max(self._bar_index, 0)] if self._bar_order else 0

    def feed(self, ids: Iterable[int]) -> list[Note]:
        """The notes that these ids complete.

        Raises:
            InvalidTokenSequence: a note is incomplete, or before the first bar line.
        """
        symbols = (symbol for token in ids for symbol in self._token_symbols[token])
        return [self._note_of(symbol.value) for symbol in symbols if self._completes_note(symbol)]

    def _completes_note(self, symbol: Symbol) -> bool:
        """Process a symbol; returns whether it is a duration, the last symbol of a note."""
        if symbol.kind is SymbolKind.BAR:
            self._bar_index += 1
            self._note.clear()
        elif symbol.kind is not SymbolKind.SPECIAL:
            self._note[symbol.kind] = symbol.value
        return symbol.kind is SymbolKind.DURATION

    def _note_of(self, duration: int) -> Note:
        if not 0 <= self._bar_index < len(self._bar_order):
            raise InvalidTokenSequence(f"a note in bar {self._bar_index} of {len(self._bar_order)}")
        bar, end = self._bar_order[self._bar_index], self._ends[self._bar_index]
        try:
            start = self._lines[bar] + self._note[SymbolKind.POSITION] * TICKS_PER_POSITION
            pitch = self._note.pop(SymbolKind.PITCH)
            velocity = self._note.pop(SymbolKind.VELOCITY)
        except KeyError as missing:
            raise InvalidTokenSequence(f"bar {bar}: a note has no {missing}") from missing
        return Note(start, min(duration, end - start), pitch, velocity)


def _segment_ends(bars: Sequence[int], lines: Sequence[int]) -> list[int]:
    """For each bar, the end in ticks of the consecutive bars that it is part of."""
    ends: list[int] = []
    for bar, following in zip(reversed(bars), (None, *reversed(bars)), strict=False):
        continues = following == bar + 1
        ends.append(ends[-1] if continues else lines[bar + 1])
    return ends[::-1]
