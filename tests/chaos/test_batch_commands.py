"""`ostinato generate` of a batch survives a restart of the gateway, and its own end."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local.stack import Stack
from ostinato import Client
from ostinato.cli.batches.folder import FolderRecord
from ostinato.schemas.jobs import JobState
from tests.conftest import ROOT, client_of

COUNT = 600
COMMAND = ("generate", "--model", "mini", "--bars", "8", "--count", str(COUNT), "--seed", "1")


def start(stack: Stack, folder: Path) -> subprocess.Popen[str]:
    """The command, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "ostinato", *COMMAND, "--out", "out"],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "OSTINATO_STATE_DIR": str(stack.state_dir.path),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_until_it_has_begun(client: Client, folder: Path) -> None:
    """Wait for its first melody, and until the command knows its batch.

    Without that it would have to submit the batch again, to a gateway that is still starting.
    """
    deadline = time.monotonic() + 120
    while True:
        record = FolderRecord.read(folder / "out")
        known = record.batch if record is not None else None
        newest = client.batch(known.id) if known is not None else None
        if newest is not None and newest.counts.succeeded > 0:
            assert not newest.is_terminal, newest
            return
        assert time.monotonic() < deadline, newest
        time.sleep(0.05)


@pytest.mark.timeout(400)
def test_a_batch_continues_after_the_gateway_and_the_command_were_killed(
    isolated_stack: Stack, tmp_path: Path
) -> None:
    with client_of(isolated_stack) as client:
        known = {batch.id for batch in client.batches()}
        first = start(isolated_stack, tmp_path)
        wait_until_it_has_begun(client, tmp_path)
        isolated_stack.kill("gateway")
        isolated_stack.restart("gateway")
        assert first.poll() is None
        first.kill()
        first.communicate()
        second = start(isolated_stack, tmp_path)
        output, _ = second.communicate(timeout=300)
        assert second.returncode == 0, output
        [batch] = [batch for batch in client.batches() if batch.id not in known]
        assert (batch.state, batch.counts.succeeded) == (JobState.SUCCEEDED, COUNT)
        melodies = list(client.batch_melodies(batch.id))
        assert [melody.seed for melody in melodies] == list(range(1, COUNT + 1))
        assert len(list((tmp_path / "out").glob("*.mid"))) == COUNT
        last = tmp_path / "out" / f"mini-{batch.id.hex[-6:]}-{COUNT - 1:04d}.mid"
        assert last.read_bytes() == client.midi(melodies[-1].id)
