"""A data set in tokens: all pieces end to end in one file, mapped into memory, made once.

Spelt in child processes. The file's name holds a hash of the music and of the vocabulary, so what
is in it is never stale. Refuses to know what tokens are for.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from services.trainer.data.atomic_folder import whole
from services.trainer.data.dataset import Dataset
from services.trainer.data.piece import Notes
from services.trainer.data.process_pool import children
from shared.tokenizers.remi import FILE
from shared.tokenizers.vocabulary import Vocabulary, load_vocabulary

TASK_NOTES = 50_000
"""About so many are spelt before a child answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shards:
    """The tokens of a data set's pieces, in the order of `Split.kept`; no BOS, no EOS."""

    tokens: NDArray[np.uint16]
    ends: NDArray[np.int64]
    """Where each piece ends in `tokens`."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each piece."""
        return np.diff(self.ends, prepend=0)

    def piece(self, at: int) -> NDArray[np.uint16]:
        """The tokens of one piece."""
        return self.tokens[self.ends[at - 1] if at else 0 : self.ends[at]]


def load_shards(dataset: Dataset, vocabulary: Path, home: Path) -> Shards:
    """The set in the vocabulary of a folder; the first call spells it, later ones map a file."""
    digest = hashlib.sha256((vocabulary / FILE).read_bytes())
    digest.update(dataset.key.encode())
    folder = home / "tokens" / f"{dataset.name}-{digest.hexdigest()[:16]}"
    if not (folder / "ends.npy").exists():
        spelt = _spell_all([piece.notes for piece in dataset.split.kept], vocabulary)
        with whole(folder, "ends.npy") as unfinished:
            _write(unfinished, spelt)
    tokens = np.load(folder / "tokens.npy", mmap_mode="r")
    return Shards(tokens=tokens, ends=np.load(folder / "ends.npy"))


def _write(folder: Path, spelt: Sequence[NDArray[np.uint16]]) -> None:
    np.save(folder / "tokens.npy", np.concatenate(spelt))
    np.save(folder / "ends.npy", np.cumsum([len(tokens) for tokens in spelt]))


def _spell_all(pieces: Sequence[Notes], vocabulary: Path) -> list[NDArray[np.uint16]]:
    """Spelt in child processes, with a progress bar."""
    tasks: list[list[Notes]] = [[]]
    for notes in pieces:
        if sum(map(len, tasks[-1])) > TASK_NOTES:
            tasks.append([])
        tasks[-1].append(np.array(notes))
    with children(_load, vocabulary) as pool:
        done = track(pool.map(_spell, tasks), "Spelling music", total=len(tasks))
        return [tokens for task in done for tokens in task]


_vocabulary: list[Vocabulary] = []
"""Of this child process, once it is loaded."""


def _load(folder: Path) -> None:
    _vocabulary.append(load_vocabulary(folder))


def _spell(pieces: Sequence[Notes]) -> list[NDArray[np.uint16]]:
    return [np.array(_vocabulary[0].encode(notes), dtype=np.uint16) for notes in pieces]
