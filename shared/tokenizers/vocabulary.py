"""The seam behind which every vocabulary stands, and the one way to load any of them.

Refuses to know how a vocabulary came about.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from ostinato.schemas.notes import Note
from shared.tokenizers.grammar import GrammarTable
from shared.tokenizers.grid import NoteArray
from shared.tokenizers.pitch_symbols import TOKENIZATION, PitchSymbols
from shared.tokenizers.remi import FILE, Remi


class Stream(Protocol):
    """Reads one piece while it is being written."""

    @property
    def complete_bars(self) -> int:
        """Bars into which no later note can come, as long as the piece goes on."""

    def fork(self) -> Self:
        """A stream that goes on from here by itself."""

    def feed(self, ids: Iterable[int]) -> list[Note]:
        """The notes that these ids complete, in order of start and pitch."""


class Vocabulary(Protocol):
    """Notes to ids and back, and what may follow what."""

    pad: int
    bos: int
    eos: int

    @property
    def vocab_size(self) -> int:
        """Number of ids."""

    @property
    def pitches(self) -> NDArray[np.int64]:
        """[V, 128]: how often an id writes each pitch."""

    def encode(self, notes: Sequence[Note] | NoteArray) -> list[int]:
        """The ids of a piece; no BOS, no EOS."""

    def decode(self, ids: Sequence[int]) -> list[Note]:
        """The notes of a piece."""

    def num_bars(self, ids: Sequence[int]) -> int:
        """How many bars these ids open."""

    def stream(self, bars: int, order: Sequence[int] = ()) -> Stream:
        """Reads a piece of so many bars while it is written, or in `order` some bars of it."""

    def grammar(self) -> GrammarTable:
        """What may follow what."""

    def save(self, folder: Path) -> None:
        """Write tokenizer.json into a folder."""


def load_vocabulary(folder: Path) -> Vocabulary:
    """Read tokenizer.json from a folder, whichever kind of vocabulary it is."""
    content = json.loads((folder / FILE).read_bytes())
    kind = PitchSymbols if content["tokenization"] == TOKENIZATION else Remi
    return kind.load(folder)
