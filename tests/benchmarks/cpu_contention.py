"""Processor time that other programs used during a measurement, from /proc/stat.

Time that the hypervisor gave to other machines (steal) counts as contention. Time in interrupts is
not counted, because the kernel does not report which program it was for.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

MAX_CONTENTION = 0.1
"""Limit in cores; a measurement with more contention is invalid."""
USER, NICE, SYSTEM, STEAL = 1, 2, 3, 8
"""Columns of the first line of /proc/stat, which are clock ticks since boot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuTimes:
    """Clock readings of one moment, in seconds."""

    clock: float
    busy: float
    """Time that all processors have spent on all programs."""
    own: float
    """Time of this process and of its descendants that have exited and were waited for."""

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
    """Seconds that all processors have been busy since boot; `ticks` is clock ticks per second."""
    columns = stat.splitlines()[0].split()
    return sum(int(columns[column]) for column in (USER, NICE, SYSTEM, STEAL)) / ticks


def contending_cores(before: CpuTimes, after: CpuTimes) -> float:
    """Cores that other programs used on average; a negative value is clock resolution."""
    other_programs = (after.busy - before.busy) - (after.own - before.own)
    return max(0.0, other_programs / (after.clock - before.clock))


def is_invalid(cores: float) -> bool:
    """Whether a measurement with this contention is invalid."""
    return cores > MAX_CONTENTION
