"""REMI with byte pair encoding, by MidiTok: trained, saved, loaded, and used both ways.

The file is MidiTok's own tokenizer.json, which `miditok.REMI(params=...)` loads; the ids are those
that MidiTok would write. Bars have four quarters; tempo and instrument are not part of the music.
Refuses to know networks and MIDI files.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import miditok
import numpy as np
from miditok.constants import CHR_ID_START
from numpy.typing import NDArray
from tokenizers import Tokenizer

from ostinato.schemas.notes import Note
from shared.tokenizers.grammar import GrammarTable, build_grammar
from shared.tokenizers.grid import Grid, NoteArray, count_pitches
from shared.tokenizers.stream import NoteStream
from shared.tokenizers.symbols import (
    BAR,
    HIGHEST_PITCH,
    LOWEST_PITCH,
    POSITIONS_PER_QUARTER,
    Kind,
    parse_symbol,
)

FILE = "tokenizer.json"
SPECIALS = ("PAD", "BOS", "EOS", "FILL", "SEP")
"""FILL stands for a bar that is left open; the bars that were left open follow SEP, in order."""
CONTROLS = (
    *(f"Style_{number}" for number in range(4)),
    *(f"Key_{number}" for number in range(24)),
    *(f"Density_{number}" for number in range(5)),
)
"""Prefixes that say what a piece is like: the set that it is from; its key, C to B major, then C to
B minor; its notes a bar, from few to many."""
WORD_START = "\u2581"
"""What the byte pair encoder puts before each bar."""


class Remi:
    """One vocabulary, and the way between notes and its ids."""

    def __init__(self, tokenizer: miditok.REMI) -> None:
        """Wrap a tokenizer of MidiTok that has learnt its pairs."""
        content: dict[str, Any] = tokenizer.to_dict()
        base: dict[str, str] = content["_vocab_base_byte_to_token"]
        symbols = {character: parse_symbol(name) for character, name in base.items()}
        self._tokenizer = tokenizer
        self._pairs = Tokenizer.from_str(content["_model"])
        self._characters = {symbol: character for character, symbol in symbols.items()}
        self._grid = Grid(self._characters)
        self.expansions = tuple(
            tuple(symbols[character] for character in word.removeprefix(WORD_START))
            for word in _in_order_of_id(self._pairs)
        )
        """What each id stands for."""
        self.pad, self.bos, self.eos, self.fill, self.sep = (
            tokenizer.vocab[f"{name}_None"] for name in SPECIALS
        )
        self.controls: Mapping[str, int] = {
            name: token for name, token in tokenizer.vocab.items() if name in CONTROLS
        }
        """Those that this vocabulary has, by name."""

    @classmethod
    def train(cls, pieces: Iterable[Sequence[Note] | NoteArray], vocab_size: int) -> Self:
        """Learn the pairs of a vocabulary from music; ValueError if it has no room for any."""
        tokenizer = miditok.REMI(_config())
        if vocab_size <= len(tokenizer) + 1:
            raise ValueError(
                f"vocab_size: {vocab_size}, but {len(tokenizer) + 1} tokens come first"
            )
        characters = {
            parse_symbol(name): chr(CHR_ID_START + token) for name, token in tokenizer.vocab.items()
        }
        grid = Grid(characters)
        words = [[characters[BAR]], *(grid.words(notes) for notes in pieces)]
        tokenizer.train(vocab_size, "BPE", iterator=words)
        return cls(tokenizer)

    @classmethod
    def without_pairs(cls) -> Self:
        """A token a symbol; the only pair is a bar line and the mark that words begin with."""
        return cls.train([], len(miditok.REMI(_config())) + 2)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read tokenizer.json from a folder."""
        return cls(miditok.REMI(params=folder / FILE))

    def save(self, folder: Path) -> None:
        """Write tokenizer.json into a folder."""
        self._tokenizer.save(folder / FILE)

    @property
    def vocab_size(self) -> int:
        """Number of ids."""
        return len(self.expansions)

    @cached_property
    def opens_bar(self) -> NDArray[np.bool_]:
        """[V]: whether an id begins with a bar line."""
        return np.array([expansion[:1] == (BAR,) for expansion in self.expansions])

    @cached_property
    def rest(self) -> int:
        """The id of a bar without notes."""
        (token,) = self._pairs.encode([self._characters[BAR]], is_pretokenized=True).ids
        return int(token)

    @cached_property
    def pitches(self) -> NDArray[np.int64]:
        """[V, 128]: how often an id writes each pitch."""
        return count_pitches(
            [symbol.value for symbol in expansion if symbol.kind is Kind.PITCH]
            for expansion in self.expansions
        )

    def encode(self, notes: Sequence[Note] | NoteArray) -> list[int]:
        """The ids of a piece, bar lines until its last note has ended; no BOS, no EOS."""
        return list(self._pairs.encode(self._grid.words(notes), is_pretokenized=True).ids)

    def decode(self, ids: Sequence[int]) -> list[Note]:
        """The notes of a piece, in order of start and pitch; UndecodableTokens if it is none."""
        return self.stream(self.num_bars(ids)).feed(ids)

    def stream(self, bars: int, order: Sequence[int] = ()) -> NoteStream:
        """Reads a piece of so many bars while it is written, or in `order` some bars of it."""
        return NoteStream(self.expansions, bars, order)

    def num_bars(self, ids: Sequence[int]) -> int:
        """How many bars these ids open."""
        return sum(symbol.kind is Kind.BAR for token in ids for symbol in self.expansions[token])

    def grammar(self) -> GrammarTable:
        """What may follow what."""
        return build_grammar(self.expansions, self.bos, self.eos)


def _config() -> miditok.TokenizerConfig:
    return miditok.TokenizerConfig(
        pitch_range=(LOWEST_PITCH, HIGHEST_PITCH),
        beat_res={(0, 4): POSITIONS_PER_QUARTER, (4, 8): 4},  # durations of up to two bars
        num_velocities=16,
        special_tokens=[*SPECIALS, *CONTROLS],
        encode_ids_split="bar",
        use_time_signatures=False,
        use_pitchdrum_tokens=False,
        remove_duplicated_notes=True,
    )


def _in_order_of_id(pairs: Tokenizer) -> list[str]:
    vocabulary: dict[str, int] = pairs.get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)
