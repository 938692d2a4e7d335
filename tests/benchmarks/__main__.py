"""`make bench`, or `python -m tests.benchmarks decoding training` for some benchmarks.

Ostinato and its baselines take turns. The results are written to docs/. A run during which other
programs used the processors is invalid: nothing is written, and the exit code is 1. The exit code
is also 1 if a row could not be measured; the other rows are written.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tests.benchmarks import report
from tests.benchmarks.cpu_contention import MAX_CONTENTION, CpuTimes, contending_cores, is_invalid
from tests.benchmarks.machine import Machine, pinning_environment
from tests.benchmarks.result import Row

DOCS = Path("docs")
BASELINES = Path("var/bench").absolute()
"""Where `make bench` installs the baselines, which are not dependencies of the project."""
BENCHMARKS = {
    "decoding": True,
    "load": True,
    "lstm": True,
    "overheads": True,
    "length": True,
    "first_note": False,
    "training": True,
    "tokenization": False,
    "gateway": False,
}
"""Modules in `suite`; True if the threads of the benchmark are pinned to cores."""
console = Console(stderr=True, soft_wrap=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkRun:
    """The result of one benchmark."""

    name: str
    rows: list[Row]
    is_complete: bool
    """Whether all rows could be measured."""
    contention: float
    """Cores that other programs used during the run."""


def main(
    names: Annotated[
        list[str] | None, typer.Argument(help="The benchmarks to run; by default all.")
    ] = None,
) -> None:
    """Run the benchmarks, and print and write the results."""
    if unknown := set(names or []) - set(BENCHMARKS):
        raise typer.BadParameter(f"{', '.join(unknown)}; choose from: {', '.join(BENCHMARKS)}")
    machine = str(Machine.here())
    console.print(machine)
    runs = [run(name) for name in names or BENCHMARKS]
    if invalid := [benchmark.name for benchmark in runs if is_invalid(benchmark.contention)]:
        console.print(
            f"Invalid: during {', '.join(invalid)} other programs used more than "
            f"{MAX_CONTENTION:.0%} of a core. Stop them and run again. Nothing was written."
        )
        raise typer.Exit(1)
    report.write([row for benchmark in runs for row in benchmark.rows], machine, DOCS)
    if incomplete := [benchmark.name for benchmark in runs if not benchmark.is_complete]:
        console.print(f"Written, but rows of {', '.join(incomplete)} are missing.")
        raise typer.Exit(1)


def run(name: str) -> BenchmarkRun:
    """Run one benchmark in a new process, and measure the contention during it."""
    console.print(f"[bold]{name}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        before = CpuTimes.now()
        completed = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.run_one", name, str(path)],
            env=_environment(pin_threads=BENCHMARKS[name]),
            check=False,
        )
        contention = contending_cores(before, CpuTimes.now())
        rows = [Row(**json.loads(line)) for line in path.read_text().splitlines()]
    for row in rows:
        verdict = "reached" if row.reached else "missed"
        console.print(
            f"  {row.name}: {row.ostinato:,.4g}, {row.baseline} {row.baseline_value:,.4g}, "
            f"ratio {row.ratio:.2f}, goal {row.goal:.2f} {verdict}"
        )
    console.print(f"  other programs: {contention:.1%} of a core")
    return BenchmarkRun(
        name=name, rows=rows, is_complete=completed.returncode == 0, contention=contention
    )


def _environment(*, pin_threads: bool) -> dict[str, str]:
    variables = {"PYTHONPATH": str(BASELINES), "HF_HUB_OFFLINE": "1"}
    return {**os.environ, **variables, **(pinning_environment() if pin_threads else {})}


if __name__ == "__main__":
    typer.run(main)
