"""The REMI tokenizer with byte pair encoding (BPE), based on MidiTok.

tokenizer.json has MidiTok's format: `miditok.REMI(params=...)` loads it and encodes to the same
ids. `Bar_None` is the line of a bar in 4/4; a vocabulary with other metres has `Bar_3/4` and so on.
Tempo and instrument are not encoded.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Self

import miditok
import numpy as np
from miditok.constants import CHR_ID_START
from numpy.typing import NDArray
from tokenizers import Tokenizer

from ostinato.schemas.notes import Metre, Note
from shared.tokenizers.grammar import GrammarTable, build_grammar
from shared.tokenizers.quantization import NoteArray, Quantizer, count_pitches
from shared.tokenizers.remi_decoder import RemiDecoder
from shared.tokenizers.symbols import (
    HIGHEST_PITCH,
    LOWEST_PITCH,
    METRES,
    POSITIONS_PER_QUARTER,
    TICKS_PER_POSITION,
    Symbol,
    SymbolKind,
    bar_symbol,
    parse_symbol,
)

FILE = "tokenizer.json"
SPECIAL_TOKENS = ("PAD", "BOS", "EOS", "FILL", "SEP")
"""FILL stands between the bars after a gap and those before it (`infill`); SEP is unused."""
MAX_ENDING_BARS = 4
"""Largest number of last bars before which a token can announce the end of the piece."""
CONTROL_TOKENS = (
    *(f"Style_{number}" for number in range(4)),
    *(f"Key_{number}" for number in range(24)),
    *(f"Density_{number}" for number in range(5)),
    *(f"Ending_{bars}" for bars in range(1, MAX_ENDING_BARS + 1)),
)
"""Tokens that describe a piece. Before its bars: Style is its data set, Key its key (C to B major,
then C to B minor), and Density its notes per bar (from few to many). `Ending_2` is before the line
of a bar, and says that the piece ends after this bar and one more: a model need not count further
back than that, however long the piece is and however much of it has left the context."""
WORD_START = "\u2581"
"""The marker that the byte pair encoder puts before each bar."""


class Measured(NamedTuple):
    """A piece with the metres of its bars; bars after them are in 4/4."""

    notes: Sequence[Note] | NoteArray
    metres: Sequence[Metre] = ()


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
    def train(
        cls,
        pieces: Iterable[Sequence[Note] | NoteArray | Measured],
        vocab_size: int,
        metres: Sequence[Metre] = (Metre.FOUR_FOUR,),
    ) -> Self:
        """Train the byte pairs on music whose bars are in these metres.

        Raises:
            ValueError: `vocab_size` is too small for any pair.
        """
        tokenizer = _untrained(metres)
        if vocab_size < len(tokenizer) + 1 + len(metres):
            raise ValueError(
                f"vocab_size: {vocab_size}, but {len(tokenizer) + len(metres)} tokens precede the "
                "pairs"
            )
        characters = {
            parse_symbol(name): chr(CHR_ID_START + token) for name, token in tokenizer.vocab.items()
        }
        quantizer = Quantizer(characters)
        lines = [[characters[bar_symbol(metre)]] for metre in metres]
        words = [*lines, *(quantizer.words(*_measured(piece)) for piece in pieces)]
        tokenizer.train(vocab_size, "BPE", iterator=words)
        return cls(tokenizer)

    @classmethod
    def without_bpe(cls, metres: Sequence[Metre] = (Metre.FOUR_FOUR,)) -> Self:
        """One token for each symbol; the only pairs are the bar lines with their marker."""
        return cls.train([], len(_untrained(metres)) + 1 + len(metres), metres)

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
        return np.array([bool(it) and it[0].kind is SymbolKind.BAR for it in self.token_symbols])

    @cached_property
    def metres(self) -> tuple[Metre, ...]:
        """The metres of the bars in its vocabulary."""
        return tuple(metre for metre in Metre if bar_symbol(metre) in self._characters)

    def fits_metre(self, metre: Metre) -> NDArray[np.bool_]:
        """[V]: whether each token has no bar line of another metre, and no position beyond it."""
        line, positions = bar_symbol(metre), metre.bar_length // TICKS_PER_POSITION

        def fits(symbol: Symbol) -> bool:
            if symbol.kind is SymbolKind.POSITION:
                return symbol.value < positions
            return symbol.kind is not SymbolKind.BAR or symbol == line

        return np.array([all(map(fits, symbols)) for symbols in self.token_symbols])

    def empty_bar(self, metre: Metre = Metre.FOUR_FOUR) -> int:
        """The token of a bar without notes."""
        line = self._characters[bar_symbol(metre)]
        (token,) = self._bpe.encode([line], is_pretokenized=True).ids
        return int(token)

    @cached_property
    def pitch_counts(self) -> NDArray[np.int64]:
        """[V, 128]: how often each pitch is in each token."""
        return count_pitches(
            [symbol.value for symbol in symbols if symbol.kind is SymbolKind.PITCH]
            for symbols in self.token_symbols
        )

    def encode(self, notes: Sequence[Note] | NoteArray, metres: Sequence[Metre] = ()) -> list[int]:
        """The ids of a piece, bar lines until its last note has ended; no BOS, no EOS.

        `metres` are those of its bars; the bars after them, and all by default, are in 4/4.

        Raises:
            ValueError: the vocabulary does not have one of the metres.
        """
        words = self._quantizer.words(notes, metres)
        return list(self._bpe.encode(words, is_pretokenized=True).ids)

    def decode(self, ids: Sequence[int]) -> list[Note]:
        """The notes of a piece, sorted by start and pitch.

        Raises:
            InvalidTokenSequence: a note is incomplete, or before the first bar line.
        """
        metres = self.bar_metres(ids)
        return self.incremental_decoder(len(metres), metres=metres).feed(ids)

    def incremental_decoder(
        self, bars: int, bar_order: Sequence[int] = (), metres: Sequence[Metre] = ()
    ) -> RemiDecoder:
        """A decoder of a sequence of `bars` bars, or of the bars in `bar_order`.

        `metres` are those of all bars; the bars after them, and all by default, are in 4/4.
        """
        return RemiDecoder(self.token_symbols, bars, bar_order, metres)

    def bar_metres(self, ids: Sequence[int]) -> list[Metre]:
        """The metres of the bars that these ids open."""
        symbols = (symbol for token in ids for symbol in self.token_symbols[token])
        return [METRES[symbol.value] for symbol in symbols if symbol.kind is SymbolKind.BAR]

    def num_bars(self, ids: Sequence[int]) -> int:
        """Number of bars that these ids open."""
        return len(self.bar_metres(ids))

    def grammar(self) -> GrammarTable:
        """The legal successors of each token."""
        return build_grammar(self.token_symbols, self.bos, self.eos)


def _measured(piece: Sequence[Note] | NoteArray | Measured) -> Measured:
    return piece if isinstance(piece, Measured) else Measured(piece)


def _untrained(metres: Sequence[Metre]) -> miditok.REMI:
    """MidiTok's tokenizer, with the bar lines of these metres."""
    tokenizer = miditok.REMI(_config())
    for metre in metres:
        if metre is not Metre.FOUR_FOUR:
            tokenizer.add_to_vocab(f"{SymbolKind.BAR}_{metre}")
    return tokenizer


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
