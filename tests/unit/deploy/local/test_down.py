"""Stopping a stack from another process, and the question before its folder is deleted."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from rich.console import Console

from deploy.local import down
from deploy.local.errors import NotDeleted, StackError
from deploy.local.settings import LocalSettings
from deploy.local.state_dir import StateDir
from tests.support.processes import wait_until_exited

SUPERVISOR = """
import signal, sys, time
from pathlib import Path
from deploy.local.state_dir import StateDir
lock = StateDir(Path(sys.argv[1])).lock()
if sys.argv[2] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(flush=True)
time.sleep(60)
"""


@contextmanager
def supervisor(state_dir: StateDir, kind: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A process that has locked the state folder."""
    command = [sys.executable, "-c", SUPERVISOR, str(state_dir.path), kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_it_waits_until_the_supervisor_has_exited(state_dir: StateDir) -> None:
    with supervisor(state_dir) as process:
        assert down.stop(state_dir).startswith(f"Stopped the stack in {state_dir.path} after ")
        assert process.wait(0.1) == -signal.SIGTERM
    assert down.stop(state_dir) == f"No stack is running in {state_dir.path} (OSTINATO_STATE_DIR)."


def test_a_supervisor_that_does_not_stop_is_named_with_the_command_that_ends_it(
    state_dir: StateDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(down, "STOP_TIMEOUT", 0.3)
    with (
        supervisor(state_dir, "stubborn") as process,
        pytest.raises(StackError, match=rf"still running after 0 s: .*kill -9 {process.pid}"),
    ):
        down.stop(state_dir)


def test_the_stack_of_another_user_is_not_stopped(
    state_dir: StateDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(_pid: int, number: int) -> None:
        if number:
            raise PermissionError(1, "Operation not permitted")

    with supervisor(state_dir) as process:
        monkeypatch.setattr(os, "kill", deny)
        with pytest.raises(
            StackError, match=rf"started by \w+ .process {process.pid}.: stop it as"
        ):
            down.stop(state_dir)
        monkeypatch.undo()


def test_children_of_a_killed_supervisor_are_waited_for_and_get_no_signal(
    state_dir: StateDir,
) -> None:
    lock = state_dir.lock()
    with subprocess.Popen(["/bin/sleep", "60"], pass_fds=(lock,)) as child:
        os.pwrite(lock, b"999999999 ", 0)  # a pid that no process has
        os.close(lock)
        threading.Timer(0.3, child.kill).start()
        started = time.monotonic()
        assert down.stop(state_dir).startswith("Stopped the stack in ")
        assert time.monotonic() - started > 0.2
        assert wait_until_exited(child.pid)


@pytest.mark.parametrize(("answer", "deleted"), [("y", True), ("YES", True), ("", False)])
def test_on_a_terminal_it_asks_before_it_stops_or_deletes_anything(
    state_dir: StateDir, monkeypatch: pytest.MonkeyPatch, answer: str, *, deleted: bool
) -> None:
    state_dir.allocate_ports(gateway=0)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda: answer)
    settings = LocalSettings(state_dir=state_dir.path)
    output = StringIO()
    with supervisor(state_dir) as process:
        if deleted:
            assert down.down(settings, Console(file=output), delete=True) == 0
        else:
            with pytest.raises(NotDeleted, match=r"^Nothing was deleted\.$"):
                down.down(settings, Console(file=output), delete=True)
        assert (process.poll() is None) is not deleted
    assert "ports.json" in output.getvalue()
    assert state_dir.path.exists() is not deleted
