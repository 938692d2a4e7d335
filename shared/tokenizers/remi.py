"""The REMI tokenizer with byte pair encoding (BPE), based on MidiTok.

tokenizer.json has MidiTok's format: `miditok.REMI(params=...)` loads it and encodes to the same
ids. Bars have four quarter notes; tempo and instrument are not encoded.
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
from shared.tokenizers.quantization import NoteArray, Quantizer, count_pitches
from shared.tokenizers.remi_decoder import RemiDecoder
from shared.tokenizers.symbols import (
    BAR,
    HIGHEST_PITCH,
    LOWEST_PITCH,
    POSITIONS_PER_QUARTER,
    SymbolKind,
    parse_symbol,
)

FILE = "tokenizer.json"
SPECIAL_TOKENS = ("PAD", "BOS", "EOS", "FILL", "SEP")
"""FILL replaces a masked bar; the masked bars follow SEP, in order."""
CONTROL_TOKENS = (
    *(f"Style_{number}" for number in range(4)),
    *(f"Key_{number}" for number in range(24)),
    *(f"Density_{number}" for number in range(5)),
)
"""Prefix tokens that describe a piece: Style is its data set, Key its key (C to B major, then C to
B minor), and Density its notes per bar (from few to many)."""
WORD_START = "\u2581"
"""The marker that the byte pair encoder puts before each bar."""


class RemiTokenizer:
    """One vocabulary; implements `Tokenizer`."""

    def __init__(self, tokenizer: miditok.REMI) -> None:
        """Wrap a trained MidiTok tokenizer."""
        content: dict[str, Any] = tokenizer.to_dict()
        base: dict[str, str] = content["_vocab_base_byte_to_token"]
        symbols = {character: parse_symbol(name) for character, name in base.items()}
        self._tokenizer = tokenizer
        self._bpe = Tokenizer.from_str(content["_model"])
        self._characters = {symbol: character for character, symbol in symbols.items()}
        self._quantizer = Quantizer(self._characters)
        self.token_symbols = tuple(
            tuple(symbols[character] for character in word.removeprefix(WORD_START))
            for word in _words_by_id(self._bpe)
        )
        """The symbols of each token."""
        self.pad, self.bos, self.eos, self.fill, self.sep = (
            tokenizer.vocab[f"{name}_None"] for name in SPECIAL_TOKENS
        )
        self.control_tokens: Mapping[str, int] = {
            name: token for name, token in tokenizer.vocab.items() if name in CONTROL_TOKENS
        }
        """The ids of the control tokens in this vocabulary, by name."""

    @classmethod
    def train(cls, pieces: Iterable[Sequence[Note] | NoteArray], vocab_size: int) -> Self:
        """Train the byte pairs on music; ValueError if `vocab_size` is too small for any."""
        tokenizer = miditok.REMI(_config())
        if vocab_size <= len(tokenizer) + 1:
            raise ValueError(
                f"vocab_size: {vocab_size}, but {len(tokenizer) + 1} tokens precede the pairs"
            )
        characters = {
            parse_symbol(name): chr(CHR_ID_START + token) for name, token in tokenizer.vocab.items()
        }
        quantizer = Quantizer(characters)
        words = [[characters[BAR]], *(quantizer.words(notes) for notes in pieces)]
        tokenizer.train(vocab_size, "BPE", iterator=words)
        return cls(tokenizer)

    @classmethod
    def without_bpe(cls) -> Self:
        """One token for each symbol; the only pair is the bar line with its marker."""
        return cls.train([], len(miditok.REMI(_config())) + 2)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Load tokenizer.json from a folder."""
        return cls(miditok.REMI(params=folder / FILE))

    def save(self, folder: Path) -> None:
        """Write tokenizer.json into a folder."""
        self._tokenizer.save(folder / FILE)

    @property
    def vocab_size(self) -> int:
        """Number of token ids."""
        return len(self.token_symbols)

    @cached_property
    def opens_bar(self) -> NDArray[np.bool_]:
        """[V]: whether the first symbol of a token is a bar line."""
        return np.array([symbols[:1] == (BAR,) for symbols in self.token_symbols])

    @cached_property
    def empty_bar(self) -> int:
        """The token of a bar without notes."""
        (token,) = self._bpe.encode([self._characters[BAR]], is_pretokenized=True).ids
        return int(token)

    @cached_property
    def pitch_counts(self) -> NDArray[np.int64]:
        """[V, 128]: how often each pitch is in each token."""
        return count_pitches(
            [symbol.value for symbol in symbols if symbol.kind is SymbolKind.PITCH]
            for symbols in self.token_symbols
        )

    def encode(self, notes: Sequence[Note] | NoteArray) -> list[int]:
        """The ids of a piece, bar lines until its last note has ended; no BOS, no EOS."""
        return list(self._bpe.encode(self._quantizer.words(notes), is_pretokenized=True).ids)

    def decode(self, ids: Sequence[int]) -> list[Note]:
        """The notes of a piece, sorted by start and pitch.

        Raises:
            InvalidTokenSequence: a note is incomplete, or before the first bar line.
        """
        return self.incremental_decoder(self.num_bars(ids)).feed(ids)

    def incremental_decoder(self, bars: int, bar_order: Sequence[int] = ()) -> RemiDecoder:
        """A decoder of a sequence of `bars` bars, or of the bars in `bar_order`."""
        return RemiDecoder(self.token_symbols, bars, bar_order)

    def num_bars(self, ids: Sequence[int]) -> int:
        """Number of bars that these ids open."""
        symbols = (symbol for token in ids for symbol in self.token_symbols[token])
        return sum(symbol.kind is SymbolKind.BAR for symbol in symbols)

    def grammar(self) -> GrammarTable:
        """The legal successors of each token."""
        return build_grammar(self.token_symbols, self.bos, self.eos)


def _config() -> miditok.TokenizerConfig:
    return miditok.TokenizerConfig(
        pitch_range=(LOWEST_PITCH, HIGHEST_PITCH),
        beat_res={(0, 4): POSITIONS_PER_QUARTER, (4, 8): 4},  # durations of up to two bars
        num_velocities=16,
        special_tokens=[*SPECIAL_TOKENS, *CONTROL_TOKENS],
        encode_ids_split="bar",
        use_time_signatures=False,
        use_pitchdrum_tokens=False,
        remove_duplicated_notes=True,
    )


def _words_by_id(bpe: Tokenizer) -> list[str]:
    vocabulary: dict[str, int] = bpe.get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)
