"""Tokenized data sets: all tokens, concatenated in a memory-mapped file.

Pieces are tokenized in child processes. The name of a cache folder contains a hash of the data set
and of the tokenizer, so a cache is never stale.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from services.trainer.data.atomic_folder import atomic_folder
from services.trainer.data.dataset import Dataset
from services.trainer.data.process_pool import child_pool
from shared.tokenizers.remi import FILE, Measured
from shared.tokenizers.tokenizer import Tokenizer, load_tokenizer

NOTES_PER_TASK = 50_000
"""Approximate number of notes that a child tokenizes before it returns their tokens."""
TOKENS_FILE, ENDS_FILE = "tokens.npy", "ends.npy"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenizedDataset:
    """The tokens of a data set's pieces, in the order of `Split.used`, without BOS and EOS."""

    tokens: NDArray[np.uint16]
    piece_ends: NDArray[np.int64]
    """For each piece, the index in `tokens` after its last token."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The number of tokens of each piece."""
        return np.diff(self.piece_ends, prepend=0)

    def piece(self, index: int) -> NDArray[np.uint16]:
        """The tokens of one piece."""
        return self.tokens[self.piece_ends[index - 1] if index else 0 : self.piece_ends[index]]


def load_tokenized(dataset: Dataset, tokenizer_dir: Path, cache_dir: Path) -> TokenizedDataset:
    """Tokenize a data set on the first call, and read the cache on later calls."""
    digest = hashlib.sha256((tokenizer_dir / FILE).read_bytes())
    digest.update(dataset.cache_key.encode())
    folder = cache_dir / "tokens" / f"{dataset.name}-{digest.hexdigest()[:16]}"
    if not (folder / ENDS_FILE).exists():
        pieces = [Measured(piece.notes, piece.metres) for piece in dataset.split.used]
        encoded = _encode_all(pieces, tokenizer_dir)
        with atomic_folder(folder, ENDS_FILE) as unfinished:
            _write(unfinished, encoded)
    tokens = np.load(folder / TOKENS_FILE, mmap_mode="r")
    return TokenizedDataset(tokens=tokens, piece_ends=np.load(folder / ENDS_FILE))


def _write(folder: Path, encoded: Sequence[NDArray[np.uint16]]) -> None:
    np.save(folder / TOKENS_FILE, np.concatenate(encoded))
    np.save(folder / ENDS_FILE, np.cumsum([len(tokens) for tokens in encoded]))


def _encode_all(pieces: Sequence[Measured], tokenizer_dir: Path) -> list[NDArray[np.uint16]]:
    """Tokenize in child processes, with a progress bar; a single task needs none of them."""
    tasks: list[list[Measured]] = [[]]
    for notes, metres in pieces:
        if sum(len(piece.notes) for piece in tasks[-1]) > NOTES_PER_TASK:
            tasks.append([])
        tasks[-1].append(Measured(np.array(notes), metres))
    if len(tasks) == 1:
        return _encode_with(load_tokenizer(tokenizer_dir), tasks[0])
    with child_pool(_load, tokenizer_dir) as pool:
        results = track(pool.map(_encode, tasks), "Tokenizing", total=len(tasks))
        return [tokens for task in results for tokens in task]


_tokenizer: list[Tokenizer] = []
"""The tokenizer of this child process, once it is loaded."""


def _load(folder: Path) -> None:
    _tokenizer.append(load_tokenizer(folder))


def _encode(pieces: Sequence[Measured]) -> list[NDArray[np.uint16]]:
    return _encode_with(_tokenizer[0], pieces)


def _encode_with(tokenizer: Tokenizer, pieces: Sequence[Measured]) -> list[NDArray[np.uint16]]:
    return [np.array(tokenizer.encode(*piece), dtype=np.uint16) for piece in pieces]
