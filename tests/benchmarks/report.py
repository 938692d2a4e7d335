"""Writes the results to benchmarks.json and, with the machine, to benchmarks.md.

A run of some benchmarks keeps the other rows of an earlier run on the same machine.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks import plots
from tests.benchmarks.result import Row

JSON, MARKDOWN = "benchmarks.json", "benchmarks.md"


def write(rows: Sequence[Row], machine: str, folder: Path) -> None:
    """Replace the rows of the same names, and write all plots again."""
    merged = {(row.name, row.peer): row for row in [*read(folder, machine), *rows]}
    all_rows = list(merged.values())
    content = json.dumps([asdict(row) for row in all_rows], indent=2)
    (folder / JSON).write_text(content + "\n", encoding="utf-8")
    written = plots.plot_all(all_rows, folder)
    text = _markdown(all_rows, machine, written)
    (folder / MARKDOWN).write_text(text, encoding="utf-8")


def read(folder: Path, machine: str) -> list[Row]:
    """The rows of the last run on this machine, if any."""
    text = folder / MARKDOWN
    if not text.exists() or machine not in text.read_text(encoding="utf-8"):
        return []
    return [Row(**row) for row in json.loads((folder / JSON).read_bytes())]


def _markdown(rows: Sequence[Row], machine: str, images: Sequence[tuple[str, str]]) -> str:
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Our code and the peer took turns in one run, each thread pinned "
        "to a core; figures are medians. A higher ratio is always better.",
        "",
        f"Machine: {machine}.",
        "",
        "| what | ours | peer | peer's | ratio | goal | |",
        "|---|---:|---|---:|---:|---:|---|",
        *map(_line, rows),
        "",
        *(f"![{caption}]({name})\n" for name, caption in images),
    ]
    return "\n".join(lines)


def _line(row: Row) -> str:
    reached = "reached" if row.reached else f"missed by {1 - row.ratio / row.goal:.0%}"
    figures = f"{_number(row.ours)} | {row.peer} | {_number(row.peer_value)}"
    return f"| {row.name} | {figures} | {row.ratio:.2f} | {row.goal:.2f} | {reached} |"


def _number(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"
