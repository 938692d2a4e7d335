"""Limits on the memory and the time of a child process, with all its descendants.

The trainer measures and kills, because no limit of the kernel suits: RLIMIT_AS prevents CUDA, and
RLIMIT_CPU and RLIMIT_DATA apply to each process alone.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ostinato.schemas.jobs import JobKind
from services.trainer.jobs.process_usage import Usage
from services.trainer.settings import TrainerSettings

MEMORY_SHARE = 0.8
"""Share of the machine's memory that a child may use if no setting limits it."""
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
"""The memory limit of a container (cgroup v2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildLimits:
    """What a child and its descendants may use together; None: no limit."""

    memory_bytes: int | None = None
    cpu_seconds: float | None = None
    wall_seconds: float | None = None

    def exceeded(self, usage: Usage, wall_seconds: float) -> str | None:
        """The limit that is exceeded, as the predicate of a sentence; None if there is none."""
        if self.memory_bytes is not None and usage.memory_bytes > self.memory_bytes:
            return f"needs more than {self.memory_bytes / (1 << 30):.3g} GiB of memory"
        if self.cpu_seconds is not None and usage.cpu_seconds > self.cpu_seconds:
            return f"needs more than {self.cpu_seconds:,g} s of processor time"
        if self.wall_seconds is not None and wall_seconds > self.wall_seconds:
            return f"takes longer than {self.wall_seconds:,g} s"
        return None


def limits_of(kind: JobKind, settings: TrainerSettings) -> ChildLimits:
    """The limits that the settings have for a kind of job."""
    gib = getattr(settings, f"max_{kind}_memory_gib")
    return ChildLimits(
        memory_bytes=int(machine_memory_bytes() * MEMORY_SHARE if gib is None else gib * (1 << 30)),
        cpu_seconds=getattr(settings, f"max_{kind}_cpu_seconds"),
        wall_seconds=getattr(settings, f"max_{kind}_seconds"),
    )


def machine_memory_bytes() -> int:
    """The memory of the machine, or of the container if it has less."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # there is no such file, or it says "max"
        memory = min(memory, int(CGROUP_LIMIT.read_text()))
    return memory
