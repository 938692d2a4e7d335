"""Token ids to notes while they are being written.

Every note is final when it comes out: REMI writes in order of onset, and a note is three symbols in
a row. Refuses to know which ids are learnt; it reads what each stands for.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Self

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.tokenizers.symbols import TICKS_PER_POSITION, Kind, Symbol


class UndecodableTokens(ValueError):
    """These ids are no music: a note is incomplete or stands before the first bar line."""


class NoteStream:
    """Reads one piece of `bars` bars, or in `order` some bars of it.

    A note that would ring beyond the piece, or into a bar that is not in `order`, ends before.

    Notes come in order of start, and of pitch where they start together, if the ids obey the
    grammar.
    """

    def __init__(
        self, expansions: Sequence[tuple[Symbol, ...]], bars: int, order: Sequence[int] = ()
    ) -> None:
        """`expansions` says what each id stands for."""
        self._expansions = expansions
        self._order = order or range(bars)
        self._ends = _ends_of_runs(self._order)
        self._at = -1
        self._note: dict[Kind, int] = {}

    def fork(self) -> Self:
        """A stream that goes on from here by itself."""
        forked = copy(self)
        forked._note = dict(self._note)  # noqa: SLF001 - it is one of us
        return forked

    @property
    def complete_bars(self) -> int:
        """Bars into which no later note can come, as long as the piece goes on."""
        return self._order[max(self._at, 0)] if self._order else 0

    def feed(self, ids: Iterable[int]) -> list[Note]:
        """The notes that these ids complete; UndecodableTokens if there is no sense in them."""
        symbols = (symbol for token in ids for symbol in self._expansions[token])
        return [self._finish(symbol.value) for symbol in symbols if self._completes_note(symbol)]

    def _completes_note(self, symbol: Symbol) -> bool:
        """Take in a symbol; a duration is a note's last."""
        if symbol.kind is Kind.BAR:
            self._at += 1
            self._note.clear()
        elif symbol.kind is not Kind.SPECIAL:
            self._note[symbol.kind] = symbol.value
        return symbol.kind is Kind.DURATION

    def _finish(self, duration: int) -> Note:
        if not 0 <= self._at < len(self._order):
            raise UndecodableTokens(f"a note in bar {self._at} of {len(self._order)}")
        bar, end = self._order[self._at], self._ends[self._at]
        try:
            start = bar * TICKS_PER_BAR + self._note[Kind.POSITION] * TICKS_PER_POSITION
            pitch, velocity = self._note.pop(Kind.PITCH), self._note.pop(Kind.VELOCITY)
        except KeyError as missing:
            raise UndecodableTokens(f"bar {bar}: a note has no {missing}") from missing
        return Note(start, min(duration, end - start), pitch, velocity)


def _ends_of_runs(bars: Sequence[int]) -> list[int]:
    """For each bar, in ticks, where the run of bars ends that it is in."""
    ends: list[int] = []
    for bar, following in zip(reversed(bars), (None, *reversed(bars)), strict=False):
        goes_on = following == bar + 1
        ends.append(ends[-1] if goes_on else (bar + 1) * TICKS_PER_BAR)
    return ends[::-1]
