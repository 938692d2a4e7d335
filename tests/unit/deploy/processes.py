"""Looks through /proc: which processes belong to a folder, and whether one is gone."""

import time
from contextlib import suppress
from pathlib import Path


def of(var: Path) -> dict[int, str]:
    """The processes that have this folder in their command, environment or working folder."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            said = [(entry / name).read_bytes() for name in ("cmdline", "environ")]
            where = bytes((entry / "cwd").readlink())
            if any(bytes(var) in text for text in (*said, where)):
                found[int(entry.name)] = said[0].replace(b"\0", b" ").decode()
    return found


def is_gone(pid: int) -> bool:
    """It has ended; a zombie has, too."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def wait_until_gone(pid: int, seconds: float = 10.0) -> bool:
    """Whether it ended in time."""
    deadline = time.monotonic() + seconds
    while not is_gone(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return is_gone(pid)
