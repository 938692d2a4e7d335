"""Memory and processor time of a child process with all its descendants.

A child leads a session, which its descendants share.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
SESSION, CPU_TIMES = 3, slice(11, 15)
"""Fields of proc_pid_stat(5), counted from the state: the session; processor time of the process
and of its children that have ended, each in user and in kernel mode."""
MEMORY_FIELDS = ("RssAnon:", "VmSwap:")
"""Fields of proc_pid_status(5): memory that is not a copy of a file, resident or swapped out."""


class Usage(NamedTuple):
    """What the processes of a session use together."""

    memory_bytes: int
    cpu_seconds: float


def usage_of_session(leader: int) -> Usage:
    """What the processes of this session use; nothing where the system has no /proc."""
    members = list(_members(leader))
    return Usage(
        memory_bytes=sum(map(_memory_bytes, (pid for pid, _ in members))),
        cpu_seconds=sum(ticks for _, ticks in members) / os.sysconf("SC_CLK_TCK"),
    )


def _members(leader: int) -> Iterator[tuple[str, int]]:
    """Each process of the session, with its processor time in clock ticks."""
    for entry in os.scandir(PROC) if PROC.exists() else ():
        if entry.name.isdecimal():
            with suppress(OSError):  # it has ended
                stat = (PROC / entry.name / "stat").read_text().rpartition(")")[2].split()
                if int(stat[SESSION]) == leader:
                    yield entry.name, sum(map(int, stat[CPU_TIMES]))


def _memory_bytes(pid: str) -> int:
    with suppress(OSError):
        lines = (PROC / pid / "status").read_text().splitlines()
        return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(MEMORY_FIELDS))
    return 0
