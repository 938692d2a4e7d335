"""The commands of the embedded stack, as child processes."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local.settings import inherited_environment
from tests.support.processes import pids_using
from tests.support.servers.stacks import FAST_LEASES

ROOT = Path(__file__).parents[3]
TEN_SECONDS = 10

Run = Callable[..., tuple[int, str]]
"""Runs a command that ends by itself; returns its exit code and its output."""


def settings_of(state_path: Path) -> dict[str, str]:
    """The environment of every command; output has wide lines."""
    return {
        "OSTINATO_STATE_DIR": str(state_path),
        "OSTINATO_PORT": "0",
        "OSTINATO_WEB_SOURCES": str(state_path),
        "COLUMNS": "200",
    }


def smallest_model(state_path: Path) -> dict[str, str]:
    """A setting with which the worker loads one model, instead of all of the checkout."""
    folder = state_path.parent / "checkpoints"
    folder.mkdir(exist_ok=True)
    if not (folder / "mini").exists():
        (folder / "mini").symlink_to(ROOT / "checkpoints" / "mini")
    return {"OSTINATO_CHECKPOINTS_DIR": str(folder)}


def start(command: str, state_path: Path, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.local", command],
        env=inherited_environment() | settings_of(state_path) | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@contextmanager
def running(command: str, state_path: Path, **env: str) -> Iterator[subprocess.Popen[str]]:
    process = start(command, state_path, **env)
    with process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def running_stack(state_path: Path) -> Iterator[subprocess.Popen[str]]:
    with running("up", state_path, **smallest_model(state_path), **FAST_LEASES) as process:
        wait_for("Ctrl-C stops it", process)
        yield process


def wait_for(words: str, process: subprocess.Popen[str]) -> str:
    """Read the process's output until it contains these words; returns what was read."""
    assert process.stdout is not None
    output = []
    for line in process.stdout:
        output.append(line)
        if words in line:
            return "".join(output)
    pytest.fail("".join(output))


def assert_all_exit(state_path: Path) -> None:
    deadline = time.monotonic() + TEN_SECONDS
    while pids_using(state_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert pids_using(state_path) == {}
