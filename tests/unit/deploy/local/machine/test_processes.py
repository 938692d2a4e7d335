"""Processes as /proc describes them."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.machine import processes

SLEEP = "import sys, time; print(flush=True); time.sleep(60)"


@pytest.fixture
def child() -> Iterator[int]:
    """A process that has started."""
    command = [sys.executable, "-c", SLEEP, "-m services.gateway", "x" * 100]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.kill()


def test_a_process_is_described_by_its_shortened_command(child: int) -> None:
    program = Path(sys.executable).name
    command = f"{program} -c {SLEEP}"[: processes.MAX_COMMAND_LENGTH]
    assert processes.describe(child) == f"{command}... (process {child})"


def test_a_process_that_has_exited_has_no_command() -> None:
    assert processes.describe(999_999_999) == "a process (process 999999999)"
    assert processes.children(999_999_999) == []


def test_a_service_is_named_by_its_module_and_a_server_by_its_program(child: int) -> None:
    assert processes.program_name(child) == "gateway"
    with subprocess.Popen(["/bin/sleep", "60"]) as server:
        wait_for_command(server.pid, "/bin/sleep 60")
        assert processes.program_name(server.pid) == "sleep"
        server.kill()


def test_the_path_of_a_program_may_have_spaces(tmp_path: Path) -> None:
    program = tmp_path / "my müsic" / "sleep"
    program.parent.mkdir()
    shutil.copy("/bin/sleep", program)
    with subprocess.Popen([program, "60"]) as child:
        wait_for_command(child.pid, f"{program} 60")
        assert processes.program_name(child.pid) == "sleep"
        assert processes.describe(child.pid) == f"sleep 60 (process {child.pid})"
        child.kill()


def wait_for_command(pid: int, command: str) -> None:
    while processes.command_line(pid) != command:
        time.sleep(0.01)


def test_children_are_found(child: int) -> None:
    assert child in processes.children(os.getpid())


def test_a_process_that_was_not_reaped_is_not_running(child: int) -> None:
    assert processes.is_running(child)
    os.kill(child, signal.SIGKILL)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert not processes.is_running(child)
    assert not processes.is_running(999_999_999)


def test_the_owner_of_a_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert processes.owner(Path("/")) == "root"
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
    assert processes.owner(Path("/")) == "user 0"


def test_open_files_are_found(child: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("w"):
        assert processes.may_have_open(os.getpid(), path)
        assert not processes.may_have_open(child, path)
    assert not processes.may_have_open(os.getpid(), path)
    assert not processes.may_have_open(999_999_999, path)


def test_the_programs_of_processes_are_listed(child: int) -> None:
    assert Path(sys.executable).resolve() in [path.resolve() for path in processes.executables()]
