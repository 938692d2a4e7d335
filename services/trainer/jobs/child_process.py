"""Child process that runs one job, and that never outlives the trainer.

The kernel kills it when the trainer dies, and it exits when its pipe to the trainer closes. The
trainer kills the child together with its whole process group.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Self

from services.trainer.ipc.messages import CHILD_MESSAGE, ChildMessage, JobSpec, LeaseRenewal
from services.trainer.settings import child_environment
from shared import exec_guard

MAX_MESSAGE_BYTES = 16 << 20
"""Limit on the length of one message; a card contains a whole learning curve."""


class ChildProcess:
    """One child process, from its start to its exit."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, module: str, spec: JobSpec) -> Self:
        """Start `python -m module`; the kernel kills it when the calling thread ends."""
        guard = [sys.executable, "-I", "-S", str(exec_guard.__file__)]
        guard_arguments = [str(os.getpid()), str(int(signal.SIGKILL)), "-"]
        # The program ignores the job's id; it identifies the process in `ps`.
        program = [sys.executable, "-m", module, str(spec.job_id)]
        process = await asyncio.create_subprocess_exec(
            *(*guard, *guard_arguments, *program),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=MAX_MESSAGE_BYTES,
            env=child_environment(),
            start_new_session=True,
        )
        child = cls(process)
        child.send_lease(spec)
        return child

    async def messages(self) -> AsyncIterator[ChildMessage]:
        """The child's messages, until it closes its output."""
        assert self._process.stdout is not None  # noqa: S101 - a pipe was requested
        async for line in self._process.stdout:
            yield CHILD_MESSAGE.validate_json(line)

    def send_lease(self, lease: LeaseRenewal) -> None:
        """Send the deadline of the lease to the child."""
        assert self._process.stdin is not None  # noqa: S101 - a pipe was requested
        if not self._process.stdin.is_closing():
            self._process.stdin.write(lease.model_dump_json().encode() + b"\n")

    def request_stop(self) -> None:
        """Send SIGTERM; the child writes a checkpoint, if it has state to save, and exits."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the child and every process that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def wait(self) -> int:
        """Wait for the child's exit; returns its exit code, or minus the signal that killed it."""
        return await self._process.wait()
