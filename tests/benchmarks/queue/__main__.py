# ruff: noqa: A005 - within a package it shadows nothing
"""`make bench-queue`, or `python -m tests.benchmarks.queue request_cost` for some parts.

All parts run on the same servers, one after the other, and print each value as soon as it is
measured. The results of a part are written to docs/ when it ends.
"""

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tests.benchmarks.cpu_contention import CpuTimes, contending_cores
from tests.benchmarks.queue import report
from tests.benchmarks.queue.environment import running_environment

if TYPE_CHECKING:
    from tests.benchmarks.queue.measurement import Measurement

DOCS = Path("docs")
PARTS = (
    "request_cost",
    "claims",
    "separate_jobs",
    "post_latency",
    "throughput",
    "batches",
    "fairness",
    "idle",
    "memory",
    "load",
    "overload",
)
"""Modules in `parts`, in the order of the table."""
console = Console(stderr=True, soft_wrap=True)


def main(
    names: Annotated[list[str] | None, typer.Argument(help="Parts to run; by default all.")] = None,
) -> None:
    """Run the parts, and print and write the results."""
    if unknown := set(names or []) - set(PARTS):
        raise typer.BadParameter(f"{', '.join(unknown)}; choose from: {', '.join(PARTS)}")
    before = CpuTimes.now()
    with running_environment() as environment:
        for name in names or PARTS:
            console.print(f"[bold]{name}")
            rows: list[Measurement] = []
            for row in import_module(f"tests.benchmarks.queue.parts.{name}").rows(environment):
                console.print("  " + "  ".join(filter(None, row.cells())))
                rows.append(row)
            contention = contending_cores(before, CpuTimes.now())
            report.write({name: rows}, _machine(), DOCS, contention=contention)
    console.print(f"Other programs used {contention:.1f} cores.")


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return f"{names[0] if names else 'unknown processor'}, {len(os.sched_getaffinity(0))} cores"


if __name__ == "__main__":
    typer.run(main)
