"""`python -m tests.benchmarks.alone decoding rows.jsonl`: one benchmark, in a process of its own.

So nobody inherits another's threads, and all that it used is known once it has ended.
"""

import json
import os
import signal
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import typer

from shared.exec_guard import die_with


def main(name: str, path: Path) -> None:
    """Write its rows, a line each; if it fails, those that could be measured before."""
    die_with(os.getppid(), signal.SIGKILL)
    with path.open("w", encoding="utf-8") as file:
        for row in import_module(f"tests.benchmarks.{name}").rows():
            file.write(json.dumps(asdict(row)) + "\n")


if __name__ == "__main__":
    typer.run(main)
