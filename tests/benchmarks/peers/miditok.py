"""MidiTok as a peer: one process, one file after the other."""

from collections.abc import Sequence
from pathlib import Path

import miditok


def tokenize(tokenizer: Path, files: Sequence[Path]) -> dict[str, list[int]]:
    """The token ids of each file by name."""
    remi = miditok.REMI(params=tokenizer)
    return {path.name: ids_of(remi, path) for path in files}


def ids_of(remi: miditok.REMI, path: Path) -> list[int]:
    """The token ids of the only track of a file."""
    (track,) = remi(path)
    ids: list[int] = track.ids
    return ids
