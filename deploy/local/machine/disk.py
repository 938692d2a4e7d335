"""Free space and mount options of the file system that holds a folder."""

import os
from pathlib import Path

MIB = 2**20
NEARLY_FULL = 32 * MIB
"""PostgreSQL writes its log in files of 16 MiB; with less than two of them it soon stops."""


def free_bytes(folder: Path) -> int:
    """Bytes that an ordinary user can still write; the folder itself need not exist."""
    status = os.statvfs(existing(folder))
    return status.f_bavail * status.f_frsize


def is_nearly_full(folder: Path) -> bool:
    """Whether the servers of a stack in this folder soon cannot write any more."""
    return free_bytes(folder) < NEARLY_FULL


def full_disk(folder: Path) -> str:
    """A sentence for the user of a disk that is full, or soon will be."""
    return (
        f"The disk of {folder} has only {free_bytes(folder) / MIB:.0f} MB left: delete files "
        "there, or set OSTINATO_STATE_DIR to a folder on another disk."
    )


def allows_execution(folder: Path) -> bool:
    """Whether programs and libraries can be loaded from there (no mount option noexec)."""
    return not os.statvfs(existing(folder)).f_flag & os.ST_NOEXEC


def is_read_only(folder: Path) -> bool:
    """Whether nothing can be written there, even by root."""
    return bool(os.statvfs(existing(folder)).f_flag & os.ST_RDONLY)


def existing(folder: Path) -> Path:
    """The folder, or its nearest parent that exists and that this user may see."""
    path = folder.absolute()
    while not os.path.exists(path) and path != path.parent:  # noqa: PTH110 -- Path.exists raises
        path = path.parent
    return path


def size_of(path: Path) -> int:
    """The bytes that a file, or everything in a folder, occupies on the disk."""
    total, pending = 0, [path]
    while pending:
        entry = pending.pop()
        status = entry.lstat()
        total += status.st_blocks * 512
        if entry.is_dir() and not entry.is_symlink():
            pending.extend(entry.iterdir())
    return total
