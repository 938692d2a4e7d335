"""Reads /proc: the processes of a job, of a session, or of a state folder."""

import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID

PROC = Path("/proc")


def child_pids(job_id: UUID, program: str = "services.trainer.programs.train_model") -> list[int]:
    """The trainer's children that run `program` for this job: one or none."""
    arguments = f"-m {program} {job_id}"
    return [pid for pid in _pids() if arguments in _command_line(pid)]


def pids_using(folder: Path) -> dict[int, str]:
    """Processes with the folder in their command line, environment or working folder.

    The values are the command lines.
    """
    found = {}
    for pid in _pids():
        with suppress(OSError):
            environment = (PROC / str(pid) / "environ").read_bytes().decode(errors="replace")
            cwd = str((PROC / str(pid) / "cwd").readlink())
            command = _command_line(pid)
            if any(str(folder) in text for text in (command, environment, cwd)):
                found[pid] = command
    return found


def parent_of(pid: int) -> int:
    """The pid of a process's parent."""
    return int(_stat(pid)[1])


def session_of(pid: int) -> set[int]:
    """All processes of the session that `pid` leads: a child and its descendants."""
    found = set()
    for other in _pids():
        with suppress(OSError):
            if int(_stat(other)[3]) == pid:
                found.add(other)
    return found


def running(pids: set[int]) -> set[int]:
    """The processes that have not exited."""
    return {pid for pid in pids if not has_exited(pid)}


def has_exited(pid: int) -> bool:
    """Whether the process has exited; a zombie has."""
    try:
        return _stat(pid)[0] == "Z"
    except OSError:
        return True


def wait_until_exited(pid: int, seconds: float = 10.0) -> bool:
    """Whether the process exits in time."""
    deadline = time.monotonic() + seconds
    while not has_exited(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return has_exited(pid)


def _pids() -> list[int]:
    return [int(entry.name) for entry in PROC.glob("[0-9]*")]


def _command_line(pid: int) -> str:
    """The command line of a process; empty if it has exited."""
    with suppress(OSError):
        arguments = (PROC / str(pid) / "cmdline").read_bytes()
        return arguments.replace(b"\0", b" ").decode(errors="replace")
    return ""


def _stat(pid: int) -> list[str]:
    """State, parent, process group, session ... (proc_pid_stat(5), from the third field on)."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
