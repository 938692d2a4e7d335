"""How much memory programs can still use on this machine or in this container."""

from contextlib import suppress
from pathlib import Path

MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")
"""The files of control groups, version 2, as a container sees its own."""


def available_bytes() -> int:
    """Memory that programs can still allocate without swapping."""
    return min(_available_to_machine(), _available_to_container())


def _available_to_machine() -> int:
    for line in MEMINFO.read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) * 1024
    return 0


def _available_to_container() -> int:
    """Without a limit, or where the kernel does not say, more than any machine has."""
    with suppress(OSError, ValueError):  # a group without a limit has the word "max"
        limit = int((CGROUP / "memory.max").read_text())
        return limit - int((CGROUP / "memory.current").read_text())
    return 2**63
