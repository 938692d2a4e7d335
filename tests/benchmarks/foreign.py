"""What the processors did for others while we measured, from /proc/stat.

Stolen time counts as somebody else's, time in interrupts as nobody's: the kernel does not say for
whom it was.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

MOST = 0.1
"""Cores. A measurement beside more than this is void."""
USER, NICE, SYSTEM, STEAL = 1, 2, 3, 8
"""Places in the first line of /proc/stat, in clock ticks since the start of the machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Clocks that are read together, in seconds."""

    clock: float
    busy: float
    """All processors, whoever had them."""
    own: float
    """This process, and those of its descendants that have ended and were waited for."""

    @classmethod
    def now(cls) -> Self:
        """Read them."""
        times = os.times()
        return cls(
            clock=time.monotonic(),
            busy=busy_seconds(Path("/proc/stat").read_text(), os.sysconf("SC_CLK_TCK")),
            own=times.user + times.system + times.children_user + times.children_system,
        )


def busy_seconds(stat: str, ticks: int) -> float:
    """What the processors have worked in all; `ticks` a second."""
    total = stat.splitlines()[0].split()
    return sum(int(total[place]) for place in (USER, NICE, SYSTEM, STEAL)) / ticks


def foreign_cores(before: Moment, after: Moment) -> float:
    """How many cores others had on average; what is below nothing is the clock's grain."""
    others = (after.busy - before.busy) - (after.own - before.own)
    return max(0.0, others / (after.clock - before.clock))


def is_void(cores: float) -> bool:
    """Whether what was measured beside that says nothing."""
    return cores > MOST
