"""Writes the results to benchmarks.json and, with the machine, to benchmarks.md.

A run of some benchmarks keeps the other rows of earlier runs on the same machine.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks import plots
from tests.benchmarks.result import Row

JSON, MARKDOWN = "benchmarks.json", "benchmarks.md"


def write(rows: Sequence[Row], machine: str, folder: Path) -> None:
    """Replace the rows of the same name and baseline, and write the text and all plots."""
    merged = {(row.name, row.baseline): row for row in [*read(folder, machine), *rows]}
    all_rows = list(merged.values())
    content = json.dumps([asdict(row) for row in all_rows], indent=2)
    (folder / JSON).write_text(content + "\n", encoding="utf-8")
    written = plots.plot_all(all_rows, folder)
    text = _markdown(all_rows, machine, written)
    (folder / MARKDOWN).write_text(text, encoding="utf-8")


def read(folder: Path, machine: str) -> list[Row]:
    """The rows of earlier runs on this machine, if any."""
    text = folder / MARKDOWN
    if not text.exists() or machine not in text.read_text(encoding="utf-8"):
        return []
    return [Row(**row) for row in json.loads((folder / JSON).read_bytes())]


def _markdown(rows: Sequence[Row], machine: str, images: Sequence[tuple[str, str]]) -> str:
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Ostinato and the baseline took turns in one run, each thread "
        "pinned to a core; values are medians. A higher ratio is always better.",
        "",
        f"Machine: {machine}.",
        "",
        "| measurement | Ostinato | baseline | baseline value | ratio | goal | |",
        "|---|---:|---|---:|---:|---:|---|",
        *map(_line, rows),
        "",
        *(f"![{caption}]({name})\n" for name, caption in images),
    ]
    return "\n".join(lines)


def _line(row: Row) -> str:
    verdict = "reached" if row.reached else f"missed by {1 - row.ratio / row.goal:.0%}"
    values = f"{_number(row.ostinato)} | {row.baseline} | {_number(row.baseline_value)}"
    return f"| {row.name} | {values} | {row.ratio:.2f} | {row.goal:.2f} | {verdict} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
