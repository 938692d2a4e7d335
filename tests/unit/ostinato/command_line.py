"""Runs the `ostinato` command in this process, or in one of its own for signals."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from typer.testing import CliRunner, Result

from ostinato.cli.app import app

ROOT = Path(__file__).parents[3]
HANDLE_SIGINT = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
"""A shell ignores SIGINT in background processes, and possibly in these tests."""
COMMAND = ("-c", f"{HANDLE_SIGINT}; from ostinato.cli.app import app; app()")


def ostinato(*args: str, columns: int = 200) -> Result:
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(app, args)


def start(*arguments: str, cwd: Path, **env: str) -> subprocess.Popen[str]:
    """A process of the command."""
    return subprocess.Popen(
        [sys.executable, *COMMAND, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def words(text: str) -> str:
    """The text without line breaks and the borders of boxes."""
    return " ".join(text.replace("│", " ").split())
