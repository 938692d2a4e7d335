"""What people type for scales, chords and bars, as the wire has it.

>>> scale("F# harmonic minor", strictness=1.0)
{'tonic': 'F#', 'mode': 'harmonic minor', 'strictness': 1.0}
>>> bars("2-4,7")
[1, 2, 3, 6]

Refuses to judge it: the gateway's own shapes do.
"""

import re
from typing import Any

import typer

_RUN = re.compile(r"(\d+)(?:-(\d+))?")


def scale(text: str, strictness: float) -> dict[str, Any]:
    """A tonic, and perhaps a mode; else it is major."""
    tonic, _, mode = text.partition(" ")
    return {"tonic": tonic, "mode": mode or "major", "strictness": strictness}


def chords(text: str, strictness: float) -> dict[str, Any]:
    """Chords between spaces."""
    return {"progression": text.split(), "strictness": strictness}


def bars(text: str) -> list[int]:
    """Bars and runs of bars, which people count from 1, counted from 0.

    Raises:
        typer.BadParameter: that is no list of bars.
    """
    found: set[int] = set()
    for part in text.split(","):
        run = _RUN.fullmatch(part.strip())
        if run is None or int(run[1]) < 1:
            raise typer.BadParameter(
                f"{part!r} is neither a bar, counted from 1, nor a run such as 3-4",
                param_hint="--regenerate",
            )
        found.update(range(int(run[1]) - 1, int(run[2] or run[1])))
    return sorted(found)
