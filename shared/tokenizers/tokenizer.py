"""The interface of every tokenizer, and the function that loads any of them."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.notes import Metre, Note
from shared.tokenizers.grammar import GrammarTable
from shared.tokenizers.pitch_symbols import TOKENIZATION, PitchSymbolTokenizer
from shared.tokenizers.quantization import NoteArray
from shared.tokenizers.remi import FILE, RemiTokenizer


class IncrementalDecoder(Protocol):
    """Decodes one sequence of token ids while they are generated."""

    @property
    def complete_bars(self) -> int:
        """Number of bars from the start to which the sequence can add no further note."""

    def copy(self) -> Self:
        """An independent decoder in the same state."""

    def feed(self, ids: Iterable[int]) -> list[Note]:
        """The notes that these ids complete, sorted by start and pitch."""


class Tokenizer(Protocol):
    """Encodes notes as token ids, decodes token ids, and provides their grammar."""

    pad: int
    bos: int
    eos: int

    @property
    def vocab_size(self) -> int:
        """Number of token ids, V."""

    @property
    def pitch_counts(self) -> NDArray[np.int64]:
        """[V, 128]: how often each pitch is in each token."""

    @property
    def metres(self) -> tuple[Metre, ...]:
        """The metres of the bars in its vocabulary."""

    def fits_metre(self, metre: Metre) -> NDArray[np.bool_]:
        """[V]: whether each token can be in a bar of this metre, or is no music."""

    def encode(self, notes: Sequence[Note] | NoteArray, metres: Sequence[Metre] = ()) -> list[int]:
        """The token ids of a piece, without BOS and EOS; bars without a metre are in 4/4."""

    def decode(self, ids: Sequence[int]) -> list[Note]:
        """The notes of a piece."""

    def num_bars(self, ids: Sequence[int]) -> int:
        """Number of bars that these ids open."""

    def incremental_decoder(
        self, bars: int, bar_order: Sequence[int] = (), metres: Sequence[Metre] = ()
    ) -> IncrementalDecoder:
        """A decoder of a sequence of `bars` bars, or of the bars in `bar_order`."""

    def grammar(self) -> GrammarTable:
        """The legal successors of each token."""

    def save(self, folder: Path) -> None:
        """Write tokenizer.json into a folder."""


def load_tokenizer(folder: Path) -> Tokenizer:
    """Load the tokenizer of a folder, of either kind, from its tokenizer.json."""
    content = json.loads((folder / FILE).read_bytes())
    kind = PitchSymbolTokenizer if content["tokenization"] == TOKENIZATION else RemiTokenizer
    return kind.load(folder)
