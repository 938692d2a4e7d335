"""Looks through /proc for the processes that work on a training."""

from contextlib import suppress
from pathlib import Path
from uuid import UUID

PROC = Path("/proc")


def runs_of(job_id: UUID, program: str = "services.trainer.programs.train_model") -> list[int]:
    """The trainer's children that work on it: one, or none."""
    words = f"-m {program} {job_id}"
    return [pid for pid, line in _command_lines() if words in line]


def _command_lines() -> list[tuple[int, str]]:
    found = []
    for entry in PROC.glob("[0-9]*"):
        with suppress(OSError):
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            found.append((int(entry.name), line))
    return found


def parent_of(pid: int) -> int:
    """Who started it."""
    return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])


def session_of(pid: int) -> set[int]:
    """A child's own processes: it is the first of a session, in which all stay that it starts."""
    return {other for other, (_, session) in _states() if session == pid}


def alive(pids: set[int]) -> set[int]:
    """Those that have not ended; a zombie has."""
    return {pid for pid, (state, _) in _states() if pid in pids and state != "Z"}


def _states() -> list[tuple[int, tuple[str, int]]]:
    """Each process with its state and its session (proc_pid_stat(5))."""
    found = []
    for entry in PROC.glob("[0-9]*"):
        with suppress(OSError):
            state, _parent, _group, session, *_rest = (
                (entry / "stat").read_text().rpartition(")")[2].split()
            )
            found.append((int(entry.name), (state, int(session))))
    return found
