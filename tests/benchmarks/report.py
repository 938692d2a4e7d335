"""What was measured, as benchmarks.json, and as benchmarks.md with the machine that it is from.

A run of some benchmarks keeps the other rows of an earlier one, if that was on the same machine.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks import pictures
from tests.benchmarks.row import Row

JSON, MARKDOWN = "benchmarks.json", "benchmarks.md"


def write(rows: Sequence[Row], machine: str, folder: Path) -> None:
    """Put these rows in the place of those of the same names, and draw everything anew."""
    everything = {(row.name, row.peer): row for row in [*read(folder, machine), *rows]}
    kept = list(everything.values())
    content = json.dumps([asdict(row) for row in kept], indent=2)
    (folder / JSON).write_text(content + "\n", encoding="utf-8")
    drawn = pictures.draw_all(kept, folder)
    text = _markdown(kept, machine, drawn)
    (folder / MARKDOWN).write_text(text, encoding="utf-8")


def read(folder: Path, machine: str) -> list[Row]:
    """The rows of the last run, if there was one on this machine."""
    text = folder / MARKDOWN
    if not text.exists() or machine not in text.read_text(encoding="utf-8"):
        return []
    return [Row(**row) for row in json.loads((folder / JSON).read_bytes())]


def _markdown(rows: Sequence[Row], machine: str, drawn: Sequence[tuple[str, str]]) -> str:
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Ours and the peer took turns in one run, each thread on a core "
        "of its own; figures are medians. A ratio is always such that more is better.",
        "",
        f"Machine: {machine}.",
        "",
        "| what | ours | peer | peer's | ratio | goal | |",
        "|---|---:|---|---:|---:|---:|---|",
        *map(_line, rows),
        "",
        *(f"![{caption}]({name})\n" for name, caption in drawn),
    ]
    return "\n".join(lines)


def _line(row: Row) -> str:
    reached = "reached" if row.reached else f"missed by {1 - row.ratio / row.goal:.0%}"
    figures = f"{_number(row.ours)} | {row.peer} | {_number(row.peer_value)}"
    return f"| {row.name} | {figures} | {row.ratio:.2f} | {row.goal:.2f} | {reached} |"


def _number(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"
