"""Pitch and chord symbols: the vocabulary of the versions that know no rhythm.

What sounds together is one symbol: a single pitch is its name with octave, a chord its normal order
(Forte 1973) joined by dots, both as music21 gives them. A symbol lasts an eighth, and eight are a
bar. A chord is voiced upwards from the octave of middle C.

>>> spell((60,)), spell((60, 64, 67)), spell((55, 59, 62, 67))
('C4', '0.4.7', '7.11.2')
>>> voice((7, 11, 2))
(67, 71, 74)

Refuses to know durations, loudness and networks.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.tokenizers.grammar import ILLEGAL, GrammarTable
from shared.tokenizers.grid import PITCH, START, NoteArray, as_array, count_pitches
from shared.tokenizers.symbols import HIGHEST_PITCH, LOWEST_PITCH, TICKS_PER_POSITION

FILE = "tokenizer.json"
TOKENIZATION = "PitchSymbols"
SYMBOLS_PER_BAR = 8
TICKS_PER_SYMBOL = TICKS_PER_BAR // SYMBOLS_PER_BAR
VELOCITY = 80
LOWEST_CHORD_PITCH = 60
FEWEST = 5
"""A chord that comes less often in the music that is learnt from is no symbol."""
SPECIALS = ("PAD", "BOS", "EOS")

START_STATE, ON_LINE, ENDED = 0, 1, SYMBOLS_PER_BAR + 1
"""Before BOS, on a bar line, after EOS; between lie the states of one to seven symbols in a bar."""

Chord = tuple[int, ...]
"""MIDI pitches, ascending."""


class PitchSymbols:
    """One vocabulary, and the way between notes and its ids."""

    def __init__(self, symbols: dict[str, Chord]) -> None:
        """`symbols` gives the pitches of each, in the order of the ids."""
        self._symbols = symbols
        self._pitches = [*((),) * len(SPECIALS), *symbols.values()]
        self._ids = {name: token for token, name in enumerate((*SPECIALS, *symbols))}
        self._known: dict[Chord, int] = {}
        self.pad, self.bos, self.eos = range(len(SPECIALS))

    @classmethod
    def train(cls, pieces: Iterable[Sequence[Note] | NoteArray]) -> Self:
        """Every key of the piano, and the chords that are frequent in this music."""
        sounds = Counter(chord for notes in pieces for chord in chords(notes) if len(chord) > 1)
        spelt: Counter[str] = Counter()
        for chord, count in sounds.items():
            spelt[spell(chord)] += count
        keys = {spell((pitch,)): (pitch,) for pitch in range(LOWEST_PITCH, HIGHEST_PITCH + 1)}
        orders = sorted(_order(name) for name, count in spelt.items() if count >= FEWEST)
        return cls(keys | {".".join(map(str, order)): voice(order) for order in orders})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read tokenizer.json from a folder."""
        content = json.loads((folder / FILE).read_bytes())
        return cls({name: tuple(pitches) for name, pitches in content["symbols"].items()})

    def save(self, folder: Path) -> None:
        """Write tokenizer.json into a folder."""
        content = {"tokenization": TOKENIZATION, "symbols": self._symbols}
        (folder / FILE).write_text(json.dumps(content) + "\n", encoding="utf-8")

    @property
    def vocab_size(self) -> int:
        """Number of ids."""
        return len(self._pitches)

    @cached_property
    def pitches(self) -> NDArray[np.int64]:
        """[V, 128]: how often an id writes each pitch."""
        return count_pitches(self._pitches)

    def encode(self, notes: Sequence[Note] | NoteArray) -> list[int]:
        """The ids of a piece, an id for all that begins together; no BOS, no EOS.

        A chord that is no symbol loses its lowest pitches until it is one: the melody stays.
        """
        return [self._id(chord) for chord in chords(notes)]

    def _id(self, chord: Chord) -> int:
        if chord not in self._known:
            token = self._ids.get(spell(chord))
            self._known[chord] = self._id(chord[1:]) if token is None else token
        return self._known[chord]

    def decode(self, ids: Sequence[int]) -> list[Note]:
        """The notes of a piece, in order of start and pitch."""
        return self.stream(self.num_bars(ids)).feed(ids)

    def stream(self, bars: int, order: Sequence[int] = ()) -> "SymbolStream":  # noqa: ARG002 - eight symbols fill each
        """Reads a piece while it is written, bar after bar."""
        return SymbolStream(self._pitches)

    def num_bars(self, ids: Sequence[int]) -> int:
        """How many bars these ids open."""
        return -(-len(ids) // SYMBOLS_PER_BAR)

    def grammar(self) -> GrammarTable:
        """BOS, then bars of eight symbols; EOS on a bar line."""
        next_state = np.full((ENDED + 1, self.vocab_size), ILLEGAL, dtype=np.int16)
        next_state[START_STATE, self.bos] = ON_LINE
        next_state[ON_LINE, self.eos] = ENDED
        next_state[ON_LINE:ENDED, len(SPECIALS) :] = np.roll(np.arange(ON_LINE, ENDED), -1)[:, None]
        return GrammarTable(
            next_state=next_state,
            bars=np.zeros(self.vocab_size, dtype=np.int16),
            lines=np.arange(ENDED + 1) == ON_LINE,
            bos=self.bos,
            eos=self.eos,
        )


class SymbolStream:
    """Reads one piece; every symbol's notes are final when it comes."""

    def __init__(self, pitches: Sequence[Chord], num_symbols: int = 0) -> None:
        """`pitches` says what each id stands for."""
        self._pitches = pitches
        self._num_symbols = num_symbols

    def fork(self) -> "SymbolStream":
        """A stream that goes on from here by itself."""
        return SymbolStream(self._pitches, self._num_symbols)

    @property
    def complete_bars(self) -> int:
        """Bars into which no later note can come."""
        return self._num_symbols // SYMBOLS_PER_BAR

    def feed(self, ids: Iterable[int]) -> list[Note]:
        """The notes of these symbols, in order of start and pitch."""
        notes = []
        for token in ids:
            start = self._num_symbols * TICKS_PER_SYMBOL
            self._num_symbols += 1
            notes += [
                Note(start, TICKS_PER_SYMBOL, pitch, VELOCITY) for pitch in self._pitches[token]
            ]
        return notes


def chords(notes: Sequence[Note] | NoteArray) -> list[Chord]:
    """What begins together on the grid, in order of time; what no piano has is left out."""
    rows = as_array(notes)
    rows = rows[(rows[:, PITCH] >= LOWEST_PITCH) & (rows[:, PITCH] <= HIGHEST_PITCH)]
    starts = (rows[:, START] + TICKS_PER_POSITION // 2) // TICKS_PER_POSITION
    order = np.lexsort((rows[:, PITCH], starts))
    starts, pitches = starts[order], rows[order, PITCH]
    parts = np.split(pitches, np.flatnonzero(np.diff(starts)) + 1) if len(starts) else []
    return [tuple(sorted(set(part.tolist()))) for part in parts]


def spell(chord: Chord) -> str:
    """The symbol of what sounds together."""
    return _spell(chord) if len(chord) == 1 else _spell(tuple(sorted({p % 12 for p in chord})))


@cache
def _spell(pitches: Chord) -> str:
    from music21.chord import Chord as Music21Chord  # noqa: PLC0415 - slow; who decodes needs none
    from music21.pitch import Pitch  # noqa: PLC0415

    if len(pitches) == 1 and pitches[0] >= LOWEST_PITCH:
        return str(Pitch(midi=pitches[0]).nameWithOctave)
    # of pitches, not of numbers: those it would first search for their enharmonics, which is slow
    return ".".join(map(str, Music21Chord([Pitch(pitch) for pitch in pitches]).normalOrder))


def voice(order: Sequence[int]) -> Chord:
    """The pitches of a chord in normal order, each above the one before."""
    chord = [LOWEST_CHORD_PITCH + order[0]]
    for pitch_class in order[1:]:
        chord.append(chord[-1] + (pitch_class - chord[-1]) % 12)
    return tuple(chord)


def _order(symbol: str) -> tuple[int, ...]:
    return tuple(map(int, symbol.split(".")))
