"""A process of ours that works on one errand, and that does not outlive us.

The kernel ends it when we die; it ends itself when its line to us breaks; and we end all that it
has started. Refuses to know what it works on.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Self

from services.trainer.ipc.messages import WORD, Assignment, Hold, Word
from services.trainer.settings import without_secrets
from shared import exec_guard

LONGEST_WORD = 16 << 20
"""Bytes of a line: a card holds a whole learning curve."""


class Child:
    """One child, from its start to its end."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, module: str, assignment: Assignment) -> Self:
        """Start it; by the thread that calls this, as long as which lives the child may live."""
        step = [sys.executable, "-I", "-S", str(exec_guard.__file__)]
        ties = [str(os.getpid()), str(int(signal.SIGKILL)), "-"]
        # The job's id is for people who look at the list of processes
        program = [sys.executable, "-m", module, str(assignment.job_id)]
        process = await asyncio.create_subprocess_exec(
            *(*step, *ties, *program),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_WORD,
            env=without_secrets(),
            start_new_session=True,
        )
        child = cls(process)
        child.hold(assignment)
        return child

    async def words(self) -> AsyncIterator[Word]:
        """What it says, until it has nothing more to say."""
        assert self._process.stdout is not None  # noqa: S101 - we asked for a pipe
        async for line in self._process.stdout:
            yield WORD.validate_json(line)

    def hold(self, hold: Hold) -> None:
        """Tell it how long the claim holds."""
        assert self._process.stdin is not None  # noqa: S101 - we asked for a pipe
        if not self._process.stdin.is_closing():
            self._process.stdin.write(hold.model_dump_json().encode() + b"\n")

    def ask_to_stop(self) -> None:
        """Let it write what there is, and end."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and everything that it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def wait(self) -> int:
        """Its exit code, once it has ended; negative: the signal that ended it."""
        return await self._process.wait()
