"""The pitch and chord tokenizer, for the model versions without rhythm.

Notes that start together are one symbol. A single pitch is named with its octave, a chord by its
normal order (Forte 1973) joined by dots, both as in music21. A symbol lasts an eighth note, and
eight symbols are a bar. A chord is voiced upwards from middle C.

>>> chord_name((60,)), chord_name((60, 64, 67)), chord_name((55, 59, 62, 67))
('C4', '0.4.7', '7.11.2')
>>> voicing((7, 11, 2))
(67, 71, 74)
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.notes import TICKS_PER_BAR, Metre, Note
from shared.tokenizers.grammar import ILLEGAL, GrammarTable
from shared.tokenizers.quantization import PITCH, START, NoteArray, as_array, count_pitches
from shared.tokenizers.symbols import HIGHEST_PITCH, LOWEST_PITCH, TICKS_PER_POSITION

FILE = "tokenizer.json"
TOKENIZATION = "PitchSymbols"
SYMBOLS_PER_BAR = 8
TICKS_PER_SYMBOL = TICKS_PER_BAR // SYMBOLS_PER_BAR
VELOCITY = 80
LOWEST_CHORD_PITCH = 60
MIN_CHORD_COUNT = 5
"""A chord that occurs less often in the training music is not in the vocabulary."""
SPECIAL_TOKENS = ("PAD", "BOS", "EOS")

START_STATE, BAR_START, ENDED = 0, 1, SYMBOLS_PER_BAR + 1
"""Before BOS, on a bar line, after EOS; between these, one to seven symbols into a bar."""

Chord = tuple[int, ...]
"""MIDI pitches, ascending."""


class PitchSymbolTokenizer:
    """One vocabulary; implements `Tokenizer`."""

    def __init__(self, symbols: dict[str, Chord]) -> None:
        """`symbols` maps each symbol to its pitches, in order of the ids."""
        self._symbols = symbols
        self._pitches = [*((),) * len(SPECIAL_TOKENS), *symbols.values()]
        self._ids = {name: token for token, name in enumerate((*SPECIAL_TOKENS, *symbols))}
        self._token_by_chord: dict[Chord, int] = {}
        self.pad, self.bos, self.eos = range(len(SPECIAL_TOKENS))

    @classmethod
    def train(cls, pieces: Iterable[Sequence[Note] | NoteArray]) -> Self:
        """A vocabulary of every key of the piano, and of the frequent chords in this music."""
        counts = Counter(chord for notes in pieces for chord in chords(notes) if len(chord) > 1)
        counts_by_name: Counter[str] = Counter()
        for chord, count in counts.items():
            counts_by_name[chord_name(chord)] += count
        keys = {chord_name((pitch,)): (pitch,) for pitch in range(LOWEST_PITCH, HIGHEST_PITCH + 1)}
        orders = sorted(
            _parse_normal_order(name)
            for name, count in counts_by_name.items()
            if count >= MIN_CHORD_COUNT
        )
        return cls(keys | {".".join(map(str, order)): voicing(order) for order in orders})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Load tokenizer.json from a folder."""
        content = json.loads((folder / FILE).read_bytes())
        return cls({name: tuple(pitches) for name, pitches in content["symbols"].items()})

    def save(self, folder: Path) -> None:
        """Write tokenizer.json into a folder."""
        content = {"tokenization": TOKENIZATION, "symbols": self._symbols}
        (folder / FILE).write_text(json.dumps(content) + "\n", encoding="utf-8")

    @property
    def vocab_size(self) -> int:
        """Number of token ids."""
        return len(self._pitches)

    @cached_property
    def pitch_counts(self) -> NDArray[np.int64]:
        """[V, 128]: how often each pitch is in each token."""
        return count_pitches(self._pitches)

    metres = (Metre.FOUR_FOUR,)
    """The metres of its bars."""

    def fits_metre(self, metre: Metre) -> NDArray[np.bool_]:
        """[V]: whether each token can be in a bar of this metre: all, if it is 4/4."""
        return np.full(self.vocab_size, metre in self.metres)

    def encode(
        self,
        notes: Sequence[Note] | NoteArray,
        metres: Sequence[Metre] = (),  # noqa: ARG002 - symbols have no rhythm
    ) -> list[int]:
        """The ids of a piece, one for all notes that start together; no BOS, no EOS.

        If a chord is not in the vocabulary, its lowest pitches are dropped until it is.
        """
        return [self._id(chord) for chord in chords(notes)]

    def _id(self, chord: Chord) -> int:
        if chord not in self._token_by_chord:
            token = self._ids.get(chord_name(chord))
            self._token_by_chord[chord] = self._id(chord[1:]) if token is None else token
        return self._token_by_chord[chord]

    def decode(self, ids: Sequence[int]) -> list[Note]:
        """The notes of a piece, sorted by start and pitch."""
        return self.incremental_decoder(self.num_bars(ids)).feed(ids)

    def incremental_decoder(
        self,
        bars: int,  # noqa: ARG002 - all bars have eight symbols
        bar_order: Sequence[int] = (),  # noqa: ARG002
        metres: Sequence[Metre] = (),  # noqa: ARG002
    ) -> "PitchSymbolDecoder":
        """A decoder of one sequence."""
        return PitchSymbolDecoder(self._pitches)

    def num_bars(self, ids: Sequence[int]) -> int:
        """Number of bars that these ids open."""
        return math.ceil(len(ids) / SYMBOLS_PER_BAR)

    def grammar(self) -> GrammarTable:
        """BOS, then bars of eight symbols; EOS on a bar line."""
        next_state = np.full((ENDED + 1, self.vocab_size), ILLEGAL, dtype=np.int16)
        next_state[START_STATE, self.bos] = BAR_START
        next_state[BAR_START, self.eos] = ENDED
        following = np.roll(np.arange(BAR_START, ENDED), -1)
        next_state[BAR_START:ENDED, len(SPECIAL_TOKENS) :] = following[:, None]
        return GrammarTable(
            next_state=next_state,
            opens_bar=np.zeros(self.vocab_size, dtype=np.bool_),
            at_bar_line=np.arange(ENDED + 1) == BAR_START,
            bos=self.bos,
            eos=self.eos,
        )


class PitchSymbolDecoder:
    """Decodes one sequence; implements `IncrementalDecoder`."""

    def __init__(self, pitches: Sequence[Chord], num_symbols: int = 0) -> None:
        """`pitches[i]` are the pitches of token i."""
        self._pitches = pitches
        self._num_symbols = num_symbols

    def copy(self) -> "PitchSymbolDecoder":
        """An independent decoder in the same state."""
        return PitchSymbolDecoder(self._pitches, self._num_symbols)

    @property
    def complete_bars(self) -> int:
        """Bars to which no further note can be added."""
        return self._num_symbols // SYMBOLS_PER_BAR

    def feed(self, ids: Iterable[int]) -> list[Note]:
        """The notes of these symbols, sorted by start and pitch."""
        notes = []
        for token in ids:
            start = self._num_symbols * TICKS_PER_SYMBOL
            self._num_symbols += 1
            notes += [
                Note(start, TICKS_PER_SYMBOL, pitch, VELOCITY) for pitch in self._pitches[token]
            ]
        return notes


def chords(notes: Sequence[Note] | NoteArray) -> list[Chord]:
    """The pitches that start together on the grid, by time; none outside a piano's range."""
    rows = as_array(notes)
    rows = rows[(rows[:, PITCH] >= LOWEST_PITCH) & (rows[:, PITCH] <= HIGHEST_PITCH)]
    starts = (rows[:, START] + TICKS_PER_POSITION // 2) // TICKS_PER_POSITION
    order = np.lexsort((rows[:, PITCH], starts))
    starts, pitches = starts[order], rows[order, PITCH]
    parts = np.split(pitches, np.flatnonzero(np.diff(starts)) + 1) if len(starts) else []
    return [tuple(sorted(set(part.tolist()))) for part in parts]


def chord_name(chord: Chord) -> str:
    """The symbol of pitches that start together."""
    if len(chord) == 1:
        return _name(chord)
    return _name(tuple(sorted({pitch % 12 for pitch in chord})))


@cache
def _name(pitches: Chord) -> str:
    from music21.chord import Chord as Music21Chord  # noqa: PLC0415 - slow, and only to encode
    from music21.pitch import Pitch  # noqa: PLC0415

    if len(pitches) == 1 and pitches[0] >= LOWEST_PITCH:
        return str(Pitch(midi=pitches[0]).nameWithOctave)
    # Pitch objects, because music21 searches for enharmonics of plain numbers, which is slow
    return ".".join(map(str, Music21Chord([Pitch(pitch) for pitch in pitches]).normalOrder))


def voicing(order: Sequence[int]) -> Chord:
    """The pitches of a chord in normal order, each above the one before."""
    chord = [LOWEST_CHORD_PITCH + order[0]]
    for pitch_class in order[1:]:
        chord.append(chord[-1] + (pitch_class - chord[-1]) % 12)
    return tuple(chord)


def _parse_normal_order(symbol: str) -> tuple[int, ...]:
    return tuple(map(int, symbol.split(".")))
