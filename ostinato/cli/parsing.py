"""Parses command-line notation of scales, chords and bars into request fields.

>>> scale("F# harmonic minor", strictness=1.0)
{'tonic': 'F#', 'mode': 'harmonic minor', 'strictness': 1.0}
>>> bars("2-4,7")
[1, 2, 3, 6]

The schemas validate the fields.
"""

import re
from typing import Any

import typer

_RANGE = re.compile(r"(\d+)(?:-(\d+))?")


def scale(text: str, strictness: float) -> dict[str, Any]:
    """A tonic, optionally followed by a mode; default: major."""
    tonic, _, mode = text.partition(" ")
    return {"tonic": tonic, "mode": mode or "major", "strictness": strictness}


def chords(text: str, strictness: float) -> dict[str, Any]:
    """Chord names separated by spaces."""
    return {"progression": text.split(), "strictness": strictness}


def bars(text: str) -> list[int]:
    """Bar numbers and ranges, counted from 1, as sorted indexes from 0.

    Raises:
        typer.BadParameter: the text is not a list of bars.
    """
    found: set[int] = set()
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None or int(match[1]) < 1:
            raise typer.BadParameter(
                f"--regenerate: {part!r} is neither a bar number (counted from 1) nor a range "
                "such as 3-4"
            )
        found.update(range(int(match[1]) - 1, int(match[2] or match[1])))
    return sorted(found)
