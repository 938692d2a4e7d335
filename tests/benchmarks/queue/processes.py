"""Processor time and memory of running programs, from /proc."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
PARENT, USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM = 1, 11, 12, 13, 14
"""Fields of /proc/PID/stat after the name of the program (proc_pid_stat(5))."""


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and its descendants, also of those that have exited."""
    ticks = 0
    for fields in _tree(pid).values():
        ticks += sum(int(fields[index]) for index in (USER, SYSTEM, CHILDREN_USER, CHILDREN_SYSTEM))
    return ticks / os.sysconf("SC_CLK_TCK")


def private_bytes(pid: int) -> int:
    """Memory of a process and its descendants that no other process shares."""
    return sum(map(_private_bytes, _tree(pid)))


def _private_bytes(pid: int) -> int:
    with suppress(OSError):
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
    return 0


def _tree(pid: int) -> dict[int, list[str]]:
    stats = dict(_stats())
    found = {pid}
    while True:
        children = {other for other, fields in stats.items() if int(fields[PARENT]) in found}
        if children <= found:
            return {member: stats[member] for member in found if member in stats}
        found |= children


def _stats() -> Iterator[tuple[int, list[str]]]:
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            yield int(folder.name), fields
