"""`python -m tests.benchmarks.run_one decoding rows.jsonl`: runs one benchmark.

A separate process for each benchmark starts without threads of another one, and the processor time
that it used is known when it has exited.
"""

import json
import os
import signal
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import typer

from shared.exec_guard import set_parent_death_signal


def main(name: str, path: Path) -> None:
    """Write its rows as JSON lines; if it fails, those that were measured before."""
    set_parent_death_signal(os.getppid(), signal.SIGKILL)
    with path.open("w", encoding="utf-8") as file:
        for row in import_module(f"tests.benchmarks.suite.{name}").rows():
            file.write(json.dumps(asdict(row)) + "\n")


if __name__ == "__main__":
    typer.run(main)
