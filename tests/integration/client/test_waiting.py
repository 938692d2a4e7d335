"""`ostinato generate` says what a queued job waits for, while no worker runs."""

import signal
from pathlib import Path

import pytest

from deploy.local.stack import Stack
from ostinato.schemas.jobs import JobState
from tests.conftest import client_of
from tests.unit.ostinato.command_line import start

REASON = "queued: No worker is running: jobs of mini start when one does.\n"


@pytest.mark.timeout(60)
def test_a_queued_job_says_that_no_worker_is_running(training_stack: Stack, tmp_path: Path) -> None:
    process = start(
        *("generate", "--model", "mini", "--count", "1", "--bars", "1"),
        cwd=tmp_path,
        OSTINATO_STATE_DIR=str(training_stack.state_dir.path),
    )
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if line == REASON:
            break
    assert lines[-1:] == [REASON], lines
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    with client_of(training_stack) as client:
        assert next(client.jobs()).state is JobState.CANCELLED
