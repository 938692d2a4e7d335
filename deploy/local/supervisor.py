"""Keeps a stack up: whatever ends unasked is started again, after a pause that doubles.

Refuses to know how a program is started or stopped; the stack does.
"""

import threading
import time
from dataclasses import dataclass

from deploy.local.errors import NeverReady
from deploy.local.stack import Stack

LOOK_EVERY = 0.2
LONGEST_PAUSE = 30.0
HEALTHY_AFTER = 60.0
"""Seconds of life after which a crash counts as the first again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """The last crash of a program, by the monotonic clock."""

    count: int
    """How many came shortly after one another."""
    at: float

    @property
    def due(self) -> float:
        """When to start it again: 1, 2, 4 ... seconds after the crash."""
        return self.at + min(2.0 ** (self.count - 1), LONGEST_PAUSE)


class Supervisor:
    """Looks after one stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._crashes: dict[str, Crash] = {}
        self._waiting: set[str] = set()

    def watch(self, until: threading.Event) -> None:
        """Start again what crashes, until told to leave off."""
        while not until.wait(LOOK_EVERY):
            for name, code in self._stack.crashed().items():
                if name not in self._waiting:
                    self._note(name, f"ended with exit code {code}")
            for name in sorted(self._waiting):
                if time.monotonic() >= self._crashes[name].due:
                    self._start_again(name)

    def _note(self, name: str, what: str) -> None:
        now = time.monotonic()
        last = self._crashes.get(name)
        recent = last is not None and now - last.due < HEALTHY_AFTER
        crash = Crash(count=last.count + 1 if last and recent else 1, at=now)
        self._crashes[name] = crash
        self._waiting.add(name)
        self._stack.log.write("stack", f"{name} {what}; starting it in {crash.due - now:.0f} s")

    def _start_again(self, name: str) -> None:
        self._waiting.discard(name)
        try:
            self._stack.restart(name)
        except NeverReady as error:
            self._note(name, str(error))
