"""Child process that runs one job, and that never outlives the trainer.

The kernel kills it when the trainer dies, and it exits when its pipe to the trainer closes. The
trainer kills the child together with its whole process group. If the machine runs out of memory,
the kernel kills a child before any service.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Self

from services.trainer.ipc.messages import (
    CHILD_MESSAGE,
    MAX_MESSAGE_BYTES,
    ChildMessage,
    JobSpec,
    LeaseRenewal,
)
from services.trainer.jobs.child_limits import ChildLimits
from services.trainer.jobs.process_usage import usage_of_session
from services.trainer.settings import child_environment
from shared import exec_guard

MEASURE_SECONDS = 0.5
"""Pause between two measurements of what a child uses."""
KILL_FIRST = "1000"
"""Value of oom_score_adj(5) with which the kernel kills a process before others."""


class ChildProcess:
    """One child process, from its start to its exit."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.exceeded: str | None = None
        """The limit because of which the child was killed, as the predicate of a sentence."""
        self._process = process
        self._started = time.monotonic()
        self._kill_timers: list[asyncio.TimerHandle] = []

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
        _kill_before_others(process.pid)
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

    async def enforce(self, limits: ChildLimits) -> None:
        """Kill the child when it exceeds a limit, which `exceeded` then names."""
        while self.exceeded is None:
            await asyncio.sleep(MEASURE_SECONDS)
            usage = await asyncio.to_thread(usage_of_session, self._process.pid)
            self.exceeded = limits.exceeded(usage, time.monotonic() - self._started)
        self.kill()

    def request_stop(self, grace_seconds: float) -> None:
        """Send SIGTERM, so that the child saves its state and exits; kill it after the grace."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        loop = asyncio.get_running_loop()
        self._kill_timers.append(loop.call_later(grace_seconds, self.kill))

    def kill(self) -> None:
        """Kill the child and every process that it started."""
        for timer in self._kill_timers:
            timer.cancel()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def wait(self) -> int:
        """Wait for the child's exit; returns its exit code, or minus the signal that killed it."""
        return await self._process.wait()


def _kill_before_others(pid: int) -> None:
    with suppress(OSError):  # it has ended, or the system has no such file
        Path(f"/proc/{pid}/oom_score_adj").write_text(KILL_FIRST)
