"""`make bench`, or `python -m tests.benchmarks decoding training` for some of it.

Ours and its peers take turns. What comes of it goes to docs/, unless other programs had the
processors meanwhile: then the run is void, and it exits with 1 and writes nothing. It also exits
with 1 if a row could not be measured; the others are written.
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
from tests.benchmarks.foreign import MOST, Moment, foreign_cores, is_void
from tests.benchmarks.machine import Machine, pinned
from tests.benchmarks.row import Row

DOCS = Path("docs")
PEERS = Path("var/bench").absolute()
"""Where `make bench` puts what is no dependency of ours."""
BENCHMARKS = {
    "decoding": True,
    "load": True,
    "lstm": True,
    "extras": True,
    "length": True,
    "first_note": False,
    "training": True,
    "tokenising": False,
    "gateway": False,
}
"""Their modules, and whether the threads of each are to be tied to cores."""
console = Console(stderr=True, soft_wrap=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one benchmark."""

    name: str
    rows: list[Row]
    whole: bool
    """No row is missing."""
    foreign: float
    """Cores that others had meanwhile."""


def main(
    names: Annotated[
        list[str] | None, typer.Argument(help="All that there are, if left out.")
    ] = None,
) -> None:
    """Measure, print, and write."""
    if unknown := set(names or []) - set(BENCHMARKS):
        raise typer.BadParameter(f"{', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}")
    machine = str(Machine.here())
    console.print(machine)
    results = [run(name) for name in names or BENCHMARKS]
    if void := [result.name for result in results if is_void(result.foreign)]:
        console.print(
            f"Void: beside {', '.join(void)} other programs had more than {MOST:.0%} of a core. "
            "Stop them and measure again. Nothing is written."
        )
        raise typer.Exit(1)
    report.write([row for result in results for row in result.rows], machine, DOCS)
    if incomplete := [result.name for result in results if not result.whole]:
        console.print(f"Written, without all rows of {', '.join(incomplete)}.")
        raise typer.Exit(1)


def run(name: str) -> Result:
    """One benchmark in a process of its own, and what others did meanwhile."""
    console.print(f"[bold]{name}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        before = Moment.now()
        ended = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.alone", name, str(path)],
            env=_environment(tied=BENCHMARKS[name]),
            check=False,
        )
        foreign = foreign_cores(before, Moment.now())
        rows = [Row(**json.loads(line)) for line in path.read_text().splitlines()]
    for row in rows:
        sign = "reached" if row.reached else "missed"
        console.print(
            f"  {row.name}: {row.ours:,.4g}, {row.peer} {row.peer_value:,.4g}, "
            f"ratio {row.ratio:.2f}, goal {row.goal:.2f} {sign}"
        )
    console.print(f"  other programs: {foreign:.1%} of a core")
    return Result(name=name, rows=rows, whole=ended.returncode == 0, foreign=foreign)


def _environment(*, tied: bool) -> dict[str, str]:
    ours = {"PYTHONPATH": str(PEERS), "HF_HUB_OFFLINE": "1"}
    return {**os.environ, **ours, **(pinned() if tied else {})}


if __name__ == "__main__":
    typer.run(main)
