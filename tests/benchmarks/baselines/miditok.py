"""MidiTok as a baseline: one process, one file after the other."""

from collections.abc import Sequence
from pathlib import Path

import miditok


def tokenize(tokenizer: Path, files: Sequence[Path]) -> dict[str, list[int]]:
    """The token ids of each file by name."""
    remi = miditok.REMI(params=tokenizer)
    return {path.name: token_ids(remi, path) for path in files}


def token_ids(remi: miditok.REMI, path: Path) -> list[int]:
    """The token ids of the only track of a file."""
    (track,) = remi(path)
    ids: list[int] = track.ids
    return ids
