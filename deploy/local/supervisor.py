"""Restarts programs of a stack that exit unexpectedly, with exponential backoff."""

import threading
import time
from dataclasses import dataclass

from deploy.local.errors import StartupFailed
from deploy.local.machine import disk
from deploy.local.stack import Stack

POLL_INTERVAL = 0.2
MAX_RESTART_DELAY = 30.0
CRASH_COUNT_RESET_SECONDS = 60.0
"""A program that ran this long after its restart starts again at the shortest delay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """The last crash of a program, by the monotonic clock."""

    count: int
    """Consecutive crashes, this one included."""
    crashed_at: float

    @property
    def restart_at(self) -> float:
        """When to restart the program: 1, 2, 4 ... seconds after the crash."""
        return self.crashed_at + min(2.0 ** (self.count - 1), MAX_RESTART_DELAY)


class Supervisor:
    """Watches the programs of one stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._crashes: dict[str, Crash] = {}
        self._pending_restarts: set[str] = set()
        self._disk_is_full = False

    def run(self, until: threading.Event) -> None:
        """Restart crashed programs, and warn of a full disk, until the event is set."""
        while not until.wait(POLL_INTERVAL):
            self._check_disk()
            for name, code in self._stack.unexpected_exits().items():
                if name not in self._pending_restarts:
                    self._record_crash(name, f"ended with exit code {code}")
            for name in sorted(self._pending_restarts):
                if time.monotonic() >= self._crashes[name].restart_at:
                    self._restart(name)

    def _record_crash(self, name: str, reason: str) -> None:
        now = time.monotonic()
        last = self._crashes.get(name)
        recent = last is not None and now - last.restart_at < CRASH_COUNT_RESET_SECONDS
        crash = Crash(count=last.count + 1 if last and recent else 1, crashed_at=now)
        self._crashes[name] = crash
        self._pending_restarts.add(name)
        delay = crash.restart_at - now
        self._stack.log.write("stack", f"{name} {reason}; restarting it in {delay:.0f} s")

    def _check_disk(self) -> None:
        """Say once that the disk is full, and once that it has space again."""
        folder, was_full = self._stack.data_dir, self._disk_is_full
        self._disk_is_full = disk.is_nearly_full(folder)
        if self._disk_is_full and not was_full:
            self._stack.log.write("stack", disk.full_disk(folder))
        if was_full and not self._disk_is_full:
            self._stack.log.write("stack", f"The disk of {folder} has space again.")

    def _restart(self, name: str) -> None:
        self._pending_restarts.discard(name)
        try:
            self._stack.restart(name)
        except StartupFailed as error:
            self._record_crash(name, f"did not start: {error}")
