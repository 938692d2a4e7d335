"""`python -m tests.benchmarks.run_one decoding rows.jsonl`: runs one benchmark.

Each benchmark has its own process, so it starts without the threads of another benchmark, and the
processor time that it used is known when the process has exited.
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
    """Write the rows as JSON lines; if the benchmark fails, those measured before are written."""
    set_parent_death_signal(os.getppid(), signal.SIGKILL)
    with path.open("w", encoding="utf-8") as file:
        for row in import_module(f"tests.benchmarks.suite.{name}").rows():
            file.write(json.dumps(asdict(row)) + "\n")


if __name__ == "__main__":
    typer.run(main)
