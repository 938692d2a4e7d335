"""The commands, run as child processes: however they end, they leave no process behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from deploy.local.settings import inherited_environment
from deploy.local.stack import SERVERS, SERVICES
from deploy.local.state_dir import LOOPBACK, StateDir
from tests.support.processes import pids_using
from tests.support.tmp import world_traversable_dir

TEN_SECONDS = 10


def start(command: str, state_path: Path, **env: str) -> subprocess.Popen[str]:
    settings = {
        "OSTINATO_STATE_DIR": str(state_path),
        "OSTINATO_PORT": "0",
        "OSTINATO_WEB_SOURCES": str(state_path),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.local", command],
        env=inherited_environment() | settings | {"COLUMNS": "200"} | env,
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
    with running("up", state_path) as process:
        wait_for("Ctrl-C stops it", process)
        yield process


@pytest.fixture(scope="module")
def shared_state_path() -> Iterator[Path]:
    with world_traversable_dir() as folder:
        yield folder / "var"


@pytest.fixture(scope="module")
def up(shared_state_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A stack for the tests that do not stop it."""
    with running_stack(shared_state_path) as process:
        yield process


def wait_for(words: str, process: subprocess.Popen[str]) -> None:
    """Read the process's output until it contains these words."""
    assert process.stdout is not None
    output = []
    for line in process.stdout:
        output.append(line)
        if words in line:
            return
    pytest.fail("".join(output))


def assert_all_exit(state_path: Path) -> None:
    deadline = time.monotonic() + TEN_SECONDS
    while pids_using(state_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert pids_using(state_path) == {}


def test_ctrl_c_stops_everything_within_ten_seconds(state_path: Path) -> None:
    """A terminal sends SIGINT to the whole process group."""
    with running_stack(state_path) as process:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=TEN_SECONDS)
    assert process.returncode == 0
    assert pids_using(state_path) == {}


def test_after_sigkill_all_children_exit_and_the_next_start_works(state_path: Path) -> None:
    with running_stack(state_path) as process:
        assert len(pids_using(state_path)) > len(SERVERS) + len(SERVICES)
        process.kill()
        assert_all_exit(state_path)
    with running_stack(state_path) as process:
        assert httpx.get(f"{(state_path / 'url').read_text()}/readyz").json()["redis"] == "ok"
        process.terminate()
        process.communicate(timeout=TEN_SECONDS)
    assert process.returncode == 0
    assert pids_using(state_path) == {}


def test_a_second_up_reports_that_one_is_already_running(
    up: subprocess.Popen[str], shared_state_path: Path
) -> None:
    with running("up", shared_state_path) as second:
        output, _none = second.communicate(timeout=TEN_SECONDS)
    assert second.returncode == 1
    assert f"already running (process {up.pid})" in output
    assert up.poll() is None


def test_a_renamed_variable_is_an_error_that_names_the_new_one(state_path: Path) -> None:
    with running("doctor", state_path, OSTINATO_VAR="elsewhere") as process:
        output, _none = process.communicate(timeout=TEN_SECONDS)
    assert process.returncode == 1
    assert "OSTINATO_VAR was renamed in 0.2.0: set OSTINATO_STATE_DIR instead" in output


def test_a_signal_during_startup_leaves_no_process(state_path: Path) -> None:
    with running("up", state_path) as process:
        wait_for("migrating the database", process)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=TEN_SECONDS)
    assert process.returncode == 0
    assert pids_using(state_path) == {}


def test_a_killed_worker_is_restarted(up: subprocess.Popen[str], shared_state_path: Path) -> None:
    commands = pids_using(shared_state_path).items()
    [worker] = [pid for pid, command in commands if "services.worker" in command]
    os.kill(worker, signal.SIGKILL)
    wait_for("worker ended with exit code -9; restarting it in 1 s", up)
    wait_for("ready", up)


def test_demo_generates_melodies_and_leaves_no_process(state_path: Path) -> None:
    with running("demo", state_path) as process:
        output, _none = process.communicate()
    assert process.returncode == 0, output + (state_path / "log").read_text()
    assert "First note after" in output
    assert pids_using(state_path) == {}


def test_an_interrupted_demo_leaves_no_process(state_path: Path) -> None:
    with running("demo", state_path) as process:
        wait_for("Job", process)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=TEN_SECONDS)
    assert process.returncode == 130
    assert pids_using(state_path) == {}


def test_flower_shows_the_workers_of_a_running_stack_and_requires_a_password(
    up: subprocess.Popen[str], shared_state_path: Path
) -> None:
    with running("flower", shared_state_path) as flower:
        wait_for("Connected", flower)
        state_dir = StateDir(shared_state_path)
        url = f"http://{LOOPBACK}:{state_dir.port('flower')}/api/workers?refresh=1"
        assert httpx.get(url).status_code == 401
        credentials = ("ostinato", state_dir.secret("flower_password"))
        workers = httpx.get(url, auth=credentials, timeout=30).json()
        names = [name.partition("@")[0].partition("-")[0] for name in workers]
        assert len(names) == 2, "a worker and a trainer"
        assert "trainer" in names
    assert up.poll() is None


def test_flower_without_a_stack_says_how_to_start_one(state_path: Path) -> None:
    with running("flower", state_path) as flower:
        output, _none = flower.communicate(timeout=TEN_SECONDS)
    assert flower.returncode == 1
    assert "start one with `make up`" in output
