"""Processor time that other programs used during a measurement, from /proc/stat.

Stolen time counts as theirs. Time in interrupts is not counted, because the kernel does not report
which program it was for.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

MAX_CONTENTION = 0.1
"""Cores. A measurement with more contention is invalid."""
USER, NICE, SYSTEM, STEAL = 1, 2, 3, 8
"""Positions in the first line of /proc/stat, in clock ticks since boot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuTimes:
    """Clocks read at the same moment, in seconds."""

    clock: float
    busy: float
    """All processors, for all programs."""
    own: float
    """This process, and its descendants that have exited and were waited for."""

    @classmethod
    def now(cls) -> Self:
        """Read the clocks."""
        times = os.times()
        return cls(
            clock=time.monotonic(),
            busy=busy_seconds(Path("/proc/stat").read_text(), os.sysconf("SC_CLK_TCK")),
            own=times.user + times.system + times.children_user + times.children_system,
        )


def busy_seconds(stat: str, ticks: int) -> float:
    """Seconds that all processors have been busy since boot; `ticks` is per second."""
    total = stat.splitlines()[0].split()
    return sum(int(total[place]) for place in (USER, NICE, SYSTEM, STEAL)) / ticks


def contending_cores(before: CpuTimes, after: CpuTimes) -> float:
    """Cores that other programs used on average; a negative value is clock resolution."""
    others = (after.busy - before.busy) - (after.own - before.own)
    return max(0.0, others / (after.clock - before.clock))


def is_invalid(cores: float) -> bool:
    """Whether a measurement with this contention is invalid."""
    return cores > MAX_CONTENTION
