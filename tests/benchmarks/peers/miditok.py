"""MidiTok as a contender: one process, a file after the other."""

from collections.abc import Sequence
from pathlib import Path

import miditok


def spell(tokenizer: Path, files: Sequence[Path]) -> dict[str, list[int]]:
    """The ids of each file, by its name."""
    remi = miditok.REMI(params=tokenizer)
    return {path.name: ids_of(remi, path) for path in files}


def ids_of(remi: miditok.REMI, path: Path) -> list[int]:
    """Of the one track of a file."""
    (track,) = remi(path)
    ids: list[int] = track.ids
    return ids
