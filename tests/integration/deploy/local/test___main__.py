"""The commands, run as child processes: however they end, they leave no process behind."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from deploy.local.__main__ import main
from deploy.local.machine.ports import LOOPBACK
from deploy.local.settings import inherited_environment
from deploy.local.stack import SERVERS, SERVICES
from deploy.local.state_dir import StateDir
from ostinato.client import Client
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from tests.support.documents import code_blocks
from tests.support.processes import pids_using
from tests.support.servers.stacks import FAST_LEASES
from tests.support.tmp import world_traversable_dir

ROOT = Path(__file__).parents[4]
TEN_SECONDS = 10

Run = Callable[..., tuple[int, str]]


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


def wait_for(words: str, process: subprocess.Popen[str]) -> str:
    """Read the process's output until it contains these words; returns what was read."""
    assert process.stdout is not None
    output = []
    for line in process.stdout:
        output.append(line)
        if words in line:
            return "".join(output)
    pytest.fail("".join(output))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command that ends by itself in this process; returns its exit code and its output."""

    def run(command: str, state_path: Path, **env: str) -> tuple[int, str]:
        for name, value in (settings_of(state_path) | env).items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        exit_code = main(command.split())
        output = capsys.readouterr()
        return exit_code, output.out + output.err

    return run


def run_documented(command: str, state_path: Path) -> None:
    """Run the block of docs/operations.md that begins with this command, for a state folder."""
    blocks = [block.code for block in code_blocks(Path("docs/operations.md"))]
    [code] = [code for code in blocks if code.startswith(command)]
    subprocess.run(
        ["/usr/bin/env", "bash", "-ec", code],
        cwd=state_path.parent,
        env={
            **os.environ,
            **settings_of(state_path),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
        },
        check=True,
    )


def assert_all_exit(state_path: Path) -> None:
    deadline = time.monotonic() + TEN_SECONDS
    while pids_using(state_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert pids_using(state_path) == {}


def test_a_backup_of_a_running_stack_is_restored_after_sigkill_and_its_jobs_go_on(
    state_path: Path, run: Run
) -> None:
    restored = state_path.parent / "restored"
    kept = ("storage/datasets/tunes.zip", "checkpoints/mine/card.json")
    incomplete = ("storage/datasets/large.zip.unfinished", "checkpoints/.incoming/new/card.json")
    with running_stack(state_path) as process:
        assert len(pids_using(state_path)) > len(SERVERS) + len(SERVICES)
        for name in (*kept, *incomplete):
            (state_path / name).parent.mkdir(parents=True, exist_ok=True)
            (state_path / name).write_text(name)
        with client_of(state_path) as client:
            job = client.generate(GenerationRequest(model="mini", count=400, bars=32, seed=1))
            while not client.job(job.id).succeeded:
                assert process.poll() is None
            run_documented("ostinato backup", state_path)
            done = client.job(job.id).succeeded
            assert done < 400
        process.kill()
        assert_all_exit(state_path)
    run_documented("ostinato restore", restored)
    for name in (*kept, *incomplete):
        assert (restored / name).exists() is (name in kept)
    exit_code, output = run(f"restore {state_path.parent / 'ostinato.backup'}", restored)
    assert (exit_code, "postgres exists: set OSTINATO_STATE_DIR to a new" in output) == (1, True)
    with running_stack(restored) as process:
        assert (restored / "api_key").read_text() == (state_path / "api_key").read_text()
        with client_of(restored) as client:
            assert 0 < client.job(job.id).succeeded
            while client.job(job.id).succeeded <= done:
                assert process.poll() is None
            client.cancel(job.id)
            assert client.wait(job.id).state is JobState.CANCELLED
        exit_code, output = run("down", restored)
        assert exit_code == 0, output
        assert re.match(rf"Stopped the stack in {restored} after \d\.\d s: ", output)
        assert {*SERVICES, "postgres", "valkey-server"} <= set(re.findall(r"[\w-]+", output))
        assert pids_using(restored) == {}
        process.communicate(timeout=TEN_SECONDS)
    assert process.returncode == 0


def client_of(state_path: Path) -> Client:
    return Client((state_path / "url").read_text(), (state_path / "api_key").read_text())


def test_what_is_no_backup_is_not_restored(state_path: Path, run: Run) -> None:
    file = state_path.parent / "melody.mid"
    file.write_bytes(b"MThd")
    exit_code, output = run(f"restore {file}", state_path)
    assert (exit_code, f"{file} is no backup, or it is damaged: " in output) == (1, True)
    exit_code, output = run(f"backup {file}", state_path)
    assert (exit_code, "start it with `ostinato up`" in output) == (1, True)
    assert file.read_bytes() == b"MThd"


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
