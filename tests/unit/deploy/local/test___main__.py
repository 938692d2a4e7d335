"""The commands as one types them: however they are ended, nothing is left behind."""

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

from deploy.local.settings import inherited
from deploy.local.stack import SERVERS, SERVICES
from deploy.local.state_dir import LOOPBACK, Folder
from tests.public_folder import public_folder
from tests.unit.deploy import processes

TEN_SECONDS = 10


def start(command: str, var: Path) -> subprocess.Popen[str]:
    ours = {"OSTINATO_VAR": str(var), "OSTINATO_PORT": "0", "OSTINATO_WEB_SOURCES": str(var)}
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.local", command],
        env=inherited() | ours | {"COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@contextmanager
def running(command: str, var: Path) -> Iterator[subprocess.Popen[str]]:
    process = start(command, var)
    with process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def standing(var: Path) -> Iterator[subprocess.Popen[str]]:
    with running("up", var) as process:
        wait_for("Ctrl-C stops it", process)
        yield process


@pytest.fixture(scope="module")
def shared_var() -> Iterator[Path]:
    with public_folder() as folder:
        yield folder / "var"


@pytest.fixture(scope="module")
def up(shared_var: Path) -> Iterator[subprocess.Popen[str]]:
    """For the tests that leave it standing."""
    with standing(shared_var) as process:
        yield process


def wait_for(words: str, process: subprocess.Popen[str]) -> None:
    """Until the process says these words."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if words in line:
            return
    pytest.fail("".join(said))


def wait_until_nothing_is_left(var: Path) -> None:
    deadline = time.monotonic() + TEN_SECONDS
    while processes.of(var) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes.of(var) == {}


def test_ctrl_c_stops_all_of_it_within_ten_seconds(var: Path) -> None:
    """A terminal sends it to the whole process group."""
    with standing(var) as process:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=TEN_SECONDS)
    assert process.returncode == 0
    assert processes.of(var) == {}


def test_nothing_survives_a_kill_and_the_next_one_comes_up_and_stops(var: Path) -> None:
    with standing(var) as process:
        assert len(processes.of(var)) > len(SERVERS) + len(SERVICES)
        process.kill()
        wait_until_nothing_is_left(var)
    with standing(var) as process:
        assert httpx.get(f"{(var / 'url').read_text()}/readyz").json()["redis"] == "ok"
        process.terminate()
        process.communicate(timeout=TEN_SECONDS)
    assert process.returncode == 0
    assert processes.of(var) == {}


def test_a_second_up_says_that_one_runs_already(
    up: subprocess.Popen[str], shared_var: Path
) -> None:
    with running("up", shared_var) as second:
        said, _nothing = second.communicate(timeout=TEN_SECONDS)
    assert second.returncode == 1
    assert f"already running (process {up.pid})" in said
    assert up.poll() is None


def test_a_signal_while_it_starts_leaves_nothing_behind(var: Path) -> None:
    with running("up", var) as process:
        wait_for("bringing the tables", process)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=TEN_SECONDS)
    assert process.returncode == 0
    assert processes.of(var) == {}


def test_a_worker_that_is_killed_is_started_again(
    up: subprocess.Popen[str], shared_var: Path
) -> None:
    [worker] = [pid for pid, said in processes.of(shared_var).items() if "services.worker" in said]
    os.kill(worker, signal.SIGKILL)
    wait_for("worker ended with exit code -9; starting it in 1 s", up)
    wait_for("ready", up)


def test_demo_shows_melodies_and_leaves_nothing_behind(var: Path) -> None:
    with running("demo", var) as process:
        said, _nothing = process.communicate()
    assert process.returncode == 0, said + (var / "log").read_text()
    assert "First note after" in said
    assert processes.of(var) == {}


def test_an_interrupted_demo_leaves_nothing_behind(var: Path) -> None:
    with running("demo", var) as process:
        wait_for("Job", process)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=TEN_SECONDS)
    assert process.returncode == 130
    assert processes.of(var) == {}


def test_flower_looks_into_a_stack_that_is_up_and_asks_who_is_there(
    up: subprocess.Popen[str], shared_var: Path
) -> None:
    with running("flower", shared_var) as flower:
        wait_for("Connected", flower)
        folder = Folder(shared_var)
        workers = f"http://{LOOPBACK}:{folder.port('flower')}/api/workers?refresh=1"
        assert httpx.get(workers).status_code == 401
        seen = httpx.get(workers, auth=("ostinato", folder.secret("flower_password")), timeout=30)
        names = [name.partition("@")[0].partition("-")[0] for name in seen.json()]
        assert len(names) == 2, "a worker and a trainer"
        assert "trainer" in names
    assert up.poll() is None


def test_flower_without_a_stack_says_what_to_do(var: Path) -> None:
    with running("flower", var) as flower:
        said, _nothing = flower.communicate(timeout=TEN_SECONDS)
    assert flower.returncode == 1
    assert "start one with `make up`" in said
