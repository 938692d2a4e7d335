"""Writes the results to docs/benchmarks-queue.json and, with the machine, as a table in Markdown.

A run of some parts keeps the rows of the other parts if they were measured on the same machine.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.queue.measurement import Measurement

JSON, MARKDOWN = "benchmarks-queue.json", "benchmarks-queue.md"
HEADER = (
    "# Benchmarks of the queue\n\n"
    "Written by `make bench-queue`. A value and its baseline were measured in one run, on one "
    "PostgreSQL and one Valkey, with real workers. A ratio is the value divided by the baseline; "
    "absolute times depend on the machine, ratios hardly.\n\n"
    "What a submission costs PostgreSQL beyond the minimal service: its idempotency key, the "
    "quota of its owner, and the row of the owner's counters and ranks, which also makes the "
    "submissions of one owner wait for each other. procrastinate and Celery have none of these, "
    "and their jobs are single rows or messages.\n\n"
    "Jobs by POST, and jobs with a generated bar each, contain what the jobs of the peers do not: "
    "a request over HTTP, for which the minimal service is the floor, and the generation of a bar, "
    "for which one job of 3,000 bars is the ceiling. The queue alone does what the peers do.\n"
)
TABLE = (
    "| measurement | value | baseline | baseline value | ratio | goal | |\n"
    "|---|---:|---|---:|---:|---|---|\n"
)


def write(
    parts: Mapping[str, Sequence[Measurement]], machine: str, folder: Path, *, contention: float
) -> None:
    """Replace the rows of these parts, and write both files.

    `contention`: cores that other programs used during the run.
    """
    merged = {**read(folder, machine), **parts}
    content = {name: [asdict(row) for row in rows] for name, rows in merged.items()}
    text = json.dumps({"machine": machine, "parts": content}, indent=2)
    (folder / JSON).write_text(text + "\n", encoding="utf-8")
    (folder / MARKDOWN).write_text(_markdown(merged, machine, contention), encoding="utf-8")


def read(folder: Path, machine: str) -> dict[str, Sequence[Measurement]]:
    """The rows of earlier runs on this machine, by part."""
    if not (folder / JSON).exists():
        return {}
    content = json.loads((folder / JSON).read_bytes())
    if content["machine"] != machine:
        return {}
    return {name: [Measurement(**row) for row in rows] for name, rows in content["parts"].items()}


def _markdown(parts: Mapping[str, Sequence[Measurement]], machine: str, contention: float) -> str:
    rows = [row for part in parts.values() for row in part]
    lines = ["| " + " | ".join(row.cells()) + " |" for row in rows]
    circumstances = f"Machine: {machine}. Other programs used {contention:.1f} cores."
    return f"{HEADER}\n{circumstances}\n\n{TABLE}" + "\n".join(lines) + "\n"
