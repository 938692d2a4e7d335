"""The commands, run as child processes: however they end, they leave no process behind."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local.machine.ports import LOOPBACK
from deploy.local.state_dir import StateDir
from tests.support.processes import pids_using
from tests.support.servers.commands import (
    TEN_SECONDS,
    Run,
    running,
    smallest_model,
    wait_for,
)
from tests.support.tmp import world_traversable_dir


@pytest.fixture(scope="module")
def shared_state_path() -> Iterator[Path]:
    with world_traversable_dir() as folder:
        yield folder / "var"


@pytest.fixture(scope="module")
def first_lines(shared_state_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A stack that the last test stops, with what it printed until it was up."""
    with running("up", shared_state_path) as process:
        yield process, wait_for("Ctrl-C stops it", process)


@pytest.fixture(scope="module")
def up(first_lines: tuple[subprocess.Popen[str], str]) -> subprocess.Popen[str]:
    process, _output = first_lines
    return process


def test_the_summary_has_addresses_key_models_and_folder(
    first_lines: tuple[subprocess.Popen[str], str], shared_state_path: Path
) -> None:
    summary = first_lines[1].partition("Ostinato is up")[2]
    url, key = ((shared_state_path / name).read_text() for name in ("url", "api_key"))
    assert f"API     {url}\ndocs    {url}/docs\n" in summary
    assert f"key     {key}   (in {shared_state_path / 'api_key'})\n" in summary
    assert re.search(r"^models  mini, v2, v3, v4, v5, v6, v7, v8: \w+", summary, re.MULTILINE)
    assert f"data    {shared_state_path}\n" in summary
    assert f"export OSTINATO_STATE_DIR={shared_state_path}\n" in summary
    assert "The web studio is not served: " in summary


def test_its_own_model_versions_are_those_of_the_checkout(
    up: subprocess.Popen[str], shared_state_path: Path
) -> None:
    weights = (shared_state_path / "checkpoints" / "mini" / "model.safetensors").read_bytes()
    assert weights == Path("checkpoints/mini/model.safetensors").read_bytes()


def test_a_second_up_reports_that_one_is_already_running(
    up: subprocess.Popen[str], shared_state_path: Path, run: Run
) -> None:
    exit_code, output = run("up", shared_state_path)
    assert exit_code == 1
    assert f"already running (process {up.pid}): stop it with `ostinato down`" in output
    assert up.poll() is None


def test_a_port_in_use_is_an_error_if_the_user_chose_it(
    up: subprocess.Popen[str], shared_state_path: Path, state_path: Path, run: Run
) -> None:
    port = str(StateDir(shared_state_path).port("gateway"))
    exit_code, output = run("up", state_path, OSTINATO_PORT=port)
    assert exit_code == 1
    assert f"Port {port} is in use by " in output
    assert "services.gateway (process " in output
    assert "set OSTINATO_PORT to another port" in output


def test_without_models_nothing_is_started(state_path: Path, run: Run) -> None:
    exit_code, output = run("up", state_path, OSTINATO_CHECKPOINTS_DIR="/nowhere")
    assert exit_code == 1
    assert "There is no model version in /nowhere: run this command in the folder of" in output
    assert not state_path.exists()


def test_down_without_a_stack_says_so(state_path: Path, run: Run) -> None:
    expected = f"No stack is running in {state_path} (OSTINATO_STATE_DIR).\n"
    assert run("down", state_path) == (0, expected)


def test_a_script_has_to_confirm_the_deletion(state_path: Path, run: Run) -> None:
    state_dir = StateDir.create(state_path)
    state_dir.unlock(state_dir.lock())
    state_dir.allocate_ports(gateway=0)
    exit_code, output = run("down --delete", state_path)
    assert exit_code == 1
    assert "Nothing was deleted: without a terminal, add --yes." in output
    assert state_path.exists()
    exit_code, output = run("down --delete --yes", state_path)
    assert exit_code == 0
    assert output.endswith(f"Deleted {state_path}.\n")
    assert not state_path.exists()


def test_a_renamed_variable_is_an_error_that_names_the_new_one(state_path: Path, run: Run) -> None:
    expected = "OSTINATO_VAR was renamed: set OSTINATO_STATE_DIR instead"
    with pytest.raises(SystemExit, match=expected):
        run("doctor", state_path, OSTINATO_VAR="elsewhere")


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


def test_an_interrupted_demo_leaves_no_process(state_path: Path) -> None:
    with running("demo", state_path, **smallest_model(state_path)) as process:
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


def test_flower_without_a_stack_says_how_to_start_one(state_path: Path, run: Run) -> None:
    exit_code, output = run("flower", state_path)
    assert exit_code == 1
    assert "start one with `make up`" in output


def test_ctrl_c_stops_everything_within_ten_seconds(
    up: subprocess.Popen[str], shared_state_path: Path
) -> None:
    """A terminal sends SIGINT to the whole process group. The stack is that of the tests above."""
    os.killpg(up.pid, signal.SIGINT)
    up.communicate(timeout=TEN_SECONDS)
    assert up.returncode == 0
    assert pids_using(shared_state_path) == {}
