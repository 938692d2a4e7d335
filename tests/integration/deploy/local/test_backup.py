"""A running stack is backed up and restored by the commands of docs/operations.md."""

import os
import re
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from deploy.local.stack import SERVERS, SERVICES
from ostinato.client import Client
from ostinato.schemas.generations import GenerationRequest
from tests.support.documents import code_blocks
from tests.support.processes import pids_using
from tests.support.servers.commands import (
    ROOT,
    TEN_SECONDS,
    Run,
    assert_all_exit,
    running_stack,
    settings_of,
)
from tests.support.servers.stacks import FAST_LEASES

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(autouse=True)
def _leases_expire_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FAST_LEASES.items():
        monkeypatch.setenv(name, value)


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
            wait_for_melodies(client, job.id, 1)
            run_documented("ostinato backup", state_path)
            done = client.job(job.id).succeeded
            assert done < 400
        process.kill()
        assert_all_exit(state_path)
    run_documented("ostinato restore", restored)
    assert [name for name in (*kept, *incomplete) if (restored / name).exists()] == [*kept]
    assert (restored / "api_key").read_text() == (state_path / "api_key").read_text()
    exit_code, output = run(f"restore {state_path.parent / 'ostinato.backup'}", restored)
    assert (exit_code, "postgres exists: set OSTINATO_STATE_DIR to a new" in output) == (1, True)
    with running_stack(restored) as process:
        with client_of(restored) as client:
            assert client.job(job.id).succeeded > 0
            wait_for_melodies(client, job.id, done + 1)
        assert_down_stops_all(restored, run)
        process.communicate(timeout=TEN_SECONDS)
    assert process.returncode == 0


def assert_down_stops_all(state_path: Path, run: Run) -> None:
    exit_code, output = run("down", state_path)
    assert exit_code == 0, output
    assert re.match(rf"Stopped the stack in {state_path} after \d+\.\d s: ", output)
    assert {*SERVICES, "postgres", "valkey-server"} <= set(re.findall(r"[\w-]+", output))
    assert pids_using(state_path) == {}


def wait_for_melodies(client: Client, job_id: UUID, count: int) -> None:
    while (job := client.job(job_id)).succeeded < count:
        assert not job.state.is_terminal


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
