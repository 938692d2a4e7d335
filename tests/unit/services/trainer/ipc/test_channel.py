"""A child waits for its lease, sends messages, and exits when its pipe closes."""

import io
import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import IO
from uuid import uuid4

import pytest

from services.trainer.ipc.channel import StopRequested, SupervisorChannel, run_child
from services.trainer.ipc.messages import (
    CHILD_MESSAGE,
    ChildMessage,
    Failed,
    JobSpec,
    LeaseRenewal,
)
from services.trainer.settings import StoragePaths
from shared.errors import UserError

FAR_FUTURE = 10**9
PROGRAM = """
import threading
from services.trainer.ipc.channel import SupervisorChannel
from services.trainer.ipc.messages import JobSpec
channel = SupervisorChannel.from_stdio()
print("to the log")
channel.receive(JobSpec)
threading.Event().wait()
"""


def job_spec(lease_deadline: float = FAR_FUTURE) -> JobSpec:
    paths = StoragePaths(
        cache_dir=Path("cache"),
        datasets_dir=None,
        checkpoints_dir=Path("checkpoints"),
        storage_url="storage",
    )
    return JobSpec(lease_deadline=lease_deadline, job_id=uuid4(), attempt=1, paths=paths)


class Supervisor:
    """The supervisor's end of the pipes; never closed, since the child's end would exit pytest."""

    def __init__(self, lease_deadline: float = FAR_FUTURE) -> None:
        incoming, self._outgoing = os.pipe()
        self.received = io.BytesIO()
        self.channel = SupervisorChannel(os.fdopen(incoming, "rb", buffering=0), self.received)
        self.send(job_spec(lease_deadline))
        self.channel.receive(JobSpec)

    def send(self, message: LeaseRenewal) -> None:
        os.write(self._outgoing, message.model_dump_json().encode() + b"\n")

    def last_message(self) -> ChildMessage:
        return CHILD_MESSAGE.validate_json(self.received.getvalue().splitlines()[-1])


@pytest.fixture
def expired() -> Supervisor:
    """A supervisor whose lease expired before the child started."""
    return Supervisor(lease_deadline=0.0)


def test_a_valid_lease_needs_no_waiting() -> None:
    Supervisor().channel.wait_for_lease()


def test_a_child_waits_until_its_expired_lease_is_renewed(expired: Supervisor) -> None:
    waiting = threading.Thread(target=expired.channel.wait_for_lease)
    waiting.start()
    assert waiting.is_alive()
    expired.send(LeaseRenewal(lease_deadline=time.monotonic() + 60))
    waiting.join()


def test_a_stop_request_ends_the_wait_for_an_expired_lease(expired: Supervisor) -> None:
    expired.channel.stop_requested.set()
    with pytest.raises(StopRequested):
        expired.channel.wait_for_lease()


def test_a_valid_lease_permits_writing_after_a_stop_request() -> None:
    supervisor = Supervisor()
    supervisor.channel.stop_requested.set()
    supervisor.channel.wait_for_lease()


def test_errors_are_messages_and_a_stop_is_an_exit_code() -> None:
    class BadInput(UserError):
        """For a test."""

        code = "bad_input"

    def fail(error: Exception, _channel: SupervisorChannel | None = None) -> ChildMessage:
        raise error

    supervisor = Supervisor()
    assert run_child(supervisor.channel, lambda _: fail(BadInput("do better"))) == 0
    message = supervisor.last_message()
    assert isinstance(message, Failed)
    assert (message.error.code, message.error.detail) == ("bad_input", "do better")
    assert run_child(supervisor.channel, lambda _: fail(KeyError("x"))) == 0
    message = supervisor.last_message()
    assert isinstance(message, Failed)
    assert (message.error.code, message.error.detail) == ("internal", "KeyError: 'x'")
    assert run_child(supervisor.channel, lambda _: fail(StopRequested())) == os.EX_TEMPFAIL
    for transient, detail in (
        (OSError(28, "No space left on device"), "OSError: [Errno 28] No space left on device"),
        (MemoryError("too much"), "MemoryError: too much"),
        (BrokenProcessPool("killed"), "BrokenProcessPool: killed"),
    ):
        assert run_child(supervisor.channel, partial(fail, transient)) == os.EX_OSERR
        message = supervisor.last_message()
        assert isinstance(message, Failed)
        assert message.error.detail == detail


def test_a_child_exits_when_its_input_closes_and_print_writes_to_standard_error() -> None:
    command = [sys.executable, "-c", PROGRAM]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as child:  # type: ignore[call-overload]  # all are pipes
        stdin: IO[bytes] = child.stdin
        stdin.write(job_spec().model_dump_json().encode() + b"\n")
        stdin.close()
        child.stdin = None
        out, log = child.communicate()
    assert child.returncode == os.EX_TEMPFAIL
    assert (out, log) == (b"", b"to the log\n")


def test_a_message_is_one_line_of_json() -> None:
    supervisor = Supervisor()
    error = {"code": "a", "detail": "b\nc"}
    supervisor.channel.send(Failed.model_validate({"error": error}))
    [line] = supervisor.received.getvalue().splitlines()
    assert json.loads(line) == {"kind": "failed", "error": error}
