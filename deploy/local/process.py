"""A child process: started, stopped, killed, its lines pumped into the log.

A child dies with us, whatever happens: it asks the kernel for a signal at its parent's death. The
kernel counts the *thread* that forked as the parent, so one `Keeper` thread starts them all.
Refuses to know what the program is.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from deploy.local.account import Account
from deploy.local.log import Log
from shared import exec_guard


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run, and which signals end it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path | None = None
    """Where it runs; ours if left out."""
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    """What it gets from the kernel when we die."""

    def argv(self, parent: int) -> list[str]:
        """The command behind the step that ties it to `parent`."""
        account = f"{self.account.uid}:{self.account.gid}" if self.account else "-"
        step = [sys.executable, "-I", "-S", str(exec_guard.__file__)]
        return [*step, str(parent), str(int(self.orphan_signal)), account, *self.command]


class Keeper:
    """The thread that starts all children; as long as it lives, they may.

    `lock` is a file descriptor that every child inherits, so that the lock on the folder is free
    only when the last of them is gone.
    """

    def __init__(self, lock: int) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="keeper")
        self._lock = lock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._thread.shutdown()

    def spawn(self, program: Program) -> subprocess.Popen[bytes]:
        """Start the program in a session of its own: Ctrl-C on the terminal is for us alone."""
        return self._thread.submit(self._spawn, program).result()

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 -- the programs are ours
            program.argv(os.getpid()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(program.environment),
            cwd=program.folder,
            pass_fds=(self._lock,),
            start_new_session=True,
        )


class Process:
    """One run of a program."""

    def __init__(self, program: Program, keeper: Keeper, log: Log) -> None:
        self.program = program
        self._log = log
        self._asked = False
        self._popen = keeper.spawn(program)
        assert self._popen.stdout is not None  # noqa: S101 -- we asked for a pipe
        self._pump = threading.Thread(target=self._listen, args=(self._popen.stdout,), daemon=True)
        self._pump.start()

    @property
    def pid(self) -> int:
        """The program's own: the step before it became the program."""
        return self._popen.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._popen.poll()

    @property
    def running(self) -> bool:
        """It has not ended."""
        return self.returncode is None

    def signal(self, number: signal.Signals) -> None:
        """To the program alone; nothing happens if it has ended."""
        self._popen.send_signal(number)

    def wait(self, seconds: float | None = None) -> int:
        """Its exit code; raises TimeoutError when it runs on."""
        try:
            code = self._popen.wait(seconds)
        except subprocess.TimeoutExpired as late:
            raise TimeoutError(f"{self.program.name} still runs after {seconds} s") from late
        self._pump.join(timeout=1)  # a grandchild may hold the pipe open
        return code

    def kill(self) -> None:
        """SIGKILL, as a crash would: the program alone, without a word."""
        self.signal(signal.SIGKILL)
        self.wait()

    def ask_to_stop(self) -> None:
        """Send the stop signal, once: a second one makes some programs drop what they hold."""
        if not self._asked:
            self._asked = True
            self.signal(self.program.stop_signal)

    def stop(self, patience: float) -> None:
        """Ask it to end; after `patience` seconds, end it and all that it started."""
        self.ask_to_stop()
        try:
            self.wait(patience)
        except TimeoutError:
            self._log.write(self.program.name, f"did not stop in {patience:.0f} s: killed")
            os.killpg(self.pid, signal.SIGKILL)
            self.wait()

    def _listen(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                if text := line.decode(errors="replace").rstrip():
                    self._log.write(self.program.name, text)
