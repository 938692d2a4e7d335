"""Running processes, from /proc: names, children, owners and open files.

An ordinary user sees the open files of their own processes only, root those of all.
"""

import os
import pwd
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
MODULE = re.compile(r" -m (?:\w+\.)*(\w+)")
MAX_COMMAND_LENGTH = 60


def describe(pid: int) -> str:
    """The command line of a process, shortened, with its pid."""
    program, *arguments = _arguments(pid) or ["a process"]
    command = " ".join([Path(program).name, *arguments])
    if len(command) > MAX_COMMAND_LENGTH:
        command = f"{command[:MAX_COMMAND_LENGTH]}..."
    return f"{command} (process {pid})"


def program_name(pid: int) -> str:
    """The last name of the Python module that a process runs, or the file name of its program."""
    module = MODULE.search(command_line(pid))
    program, *_ = _arguments(pid) or [""]
    return module[1] if module else Path(program).name


def command_line(pid: int) -> str:
    """The arguments of a process; empty if it has exited."""
    return " ".join(_arguments(pid))


def _arguments(pid: int) -> list[str]:
    """The program, whose path may have spaces, and its arguments."""
    with suppress(OSError):
        line = (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").strip("\0 ")
        return line.split("\0") if line else []
    return []


def children(parent: int) -> list[int]:
    """The processes that `parent` started and that are still running."""
    return [pid for pid in _pids() if _stat(pid)[1:2] == [str(parent)]]


def is_running(pid: int) -> bool:
    """Whether a process exists and has not exited; one that its parent has not reaped has."""
    fields = _stat(pid)
    return bool(fields) and fields[0] != "Z"


def owner(path: Path) -> str:
    """The name of the user who owns a file, or whose process a folder of /proc describes."""
    uid = path.stat().st_uid
    with suppress(KeyError):
        return pwd.getpwuid(uid).pw_name
    return f"user {uid}"


def may_have_open(pid: int, path: Path) -> bool:
    """Whether a process has this file open; True if this user may not know."""
    target = path.stat()
    try:
        links = list((PROC / str(pid) / "fd").iterdir())
    except PermissionError:
        return True
    except OSError:  # it has exited
        return False
    for link in links:
        with suppress(OSError):
            if os.path.samestat(link.stat(), target):
                return True
    return False


def owner_of_socket(inode: str) -> int | None:
    """The pid of the process that holds a socket; None if this user may not know."""
    wanted = f"socket:[{inode}]"
    for pid in _pids():
        for link in _open_files(pid):
            with suppress(OSError):
                if str(link.readlink()) == wanted:
                    return pid
    return None


def executables() -> Iterator[Path]:
    """The programs of all processes that this user may inspect."""
    for pid in _pids():
        with suppress(OSError):
            yield (PROC / str(pid) / "exe").readlink()


def _open_files(pid: int) -> list[Path]:
    with suppress(OSError):
        return list((PROC / str(pid) / "fd").iterdir())
    return []


def _stat(pid: int) -> list[str]:
    """State, parent ...: the fields after the program's name, which may contain parentheses."""
    with suppress(OSError):
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return []


def _pids() -> list[int]:
    return [int(entry.name) for entry in PROC.glob("[0-9]*")]
