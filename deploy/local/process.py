"""A child process: started, stopped or killed, with its output written to the log.

A child does not outlive the supervisor: it asks the kernel for a signal at its parent's death. The
kernel treats the *thread* that forked as the parent, so one `ProcessSpawner` thread starts all
children.
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
class ProgramSpec:
    """A command, its environment, and the signals that end it."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    cwd: Path | None = None
    """The working folder; None: the supervisor's."""
    account: Account | None = None
    """The account that runs it; None: the supervisor's."""
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    """The signal from the kernel when the supervisor dies."""

    def argv(self, parent: int) -> list[str]:
        """The command, started through `shared.exec_guard`, which ties it to the pid `parent`."""
        account = f"{self.account.uid}:{self.account.gid}" if self.account else "-"
        guard = [sys.executable, "-I", "-S", str(exec_guard.__file__)]
        return [*guard, str(parent), str(int(self.orphan_signal)), account, *self.command]


class ProcessSpawner:
    """The thread that starts all children; they get their `orphan_signal` when it ends.

    `lock` is a file descriptor that every child inherits, so the lock of the state folder is
    released only when the last child has exited.
    """

    def __init__(self, lock: int) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")
        self._lock = lock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._thread.shutdown()

    def spawn(self, spec: ProgramSpec) -> subprocess.Popen[bytes]:
        """Start the program in its own session: a terminal's Ctrl-C reaches the supervisor only."""
        return self._thread.submit(self._spawn, spec).result()

    def _spawn(self, spec: ProgramSpec) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 -- the programs are not user input
            spec.argv(os.getpid()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(spec.env),
            cwd=spec.cwd,
            pass_fds=(self._lock,),
            start_new_session=True,
        )


class Process:
    """One run of a program."""

    def __init__(self, spec: ProgramSpec, spawner: ProcessSpawner, log: Log) -> None:
        self.spec = spec
        self._log = log
        self._stop_requested = False
        self.last_line = ""
        """What it printed last, which after a failed start is usually the reason."""
        self._popen = spawner.spawn(spec)
        assert self._popen.stdout is not None  # noqa: S101 -- opened as a pipe
        self._reader = threading.Thread(
            target=self._copy_to_log, args=(self._popen.stdout,), daemon=True
        )
        self._reader.start()

    @property
    def pid(self) -> int:
        """The program's pid: `exec_guard` executes the program in its own process."""
        return self._popen.pid

    @property
    def returncode(self) -> int | None:
        """The exit code; None while it is running, negative: the signal that ended it."""
        return self._popen.poll()

    @property
    def running(self) -> bool:
        """Whether it has not exited."""
        return self.returncode is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program alone; nothing happens if it has exited."""
        self._popen.send_signal(number)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its exit code.

        Raises:
            TimeoutError: it is still running after `timeout` seconds.
        """
        try:
            code = self._popen.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"{self.spec.name} is still running after {timeout} s") from error
        self._reader.join(timeout=1)  # a grandchild may keep the pipe open
        return code

    def kill(self) -> None:
        """Send SIGKILL to the program alone, which simulates a crash."""
        self.signal(signal.SIGKILL)
        self.wait()

    def request_stop(self) -> None:
        """Send the stop signal, once: on a second one some programs abandon their work."""
        if not self._stop_requested:
            self._stop_requested = True
            self.signal(self.spec.stop_signal)

    def stop(self, timeout: float) -> None:
        """Request a stop; after `timeout` seconds kill the program and its descendants."""
        self.request_stop()
        try:
            self.wait(timeout)
        except TimeoutError:
            self._log.write(self.spec.name, f"did not stop in {timeout:.0f} s: killed")
            os.killpg(self.pid, signal.SIGKILL)
            self.wait()

    def _copy_to_log(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                if text := line.decode(errors="replace").rstrip():
                    self.last_line = text
                    self._log.write(self.spec.name, text)
