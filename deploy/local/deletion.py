"""Deletes a state folder, and what root has below the system folder for it.

Only files that a stack creates are deleted, so a folder with other files stays.
"""

import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from deploy.local import binaries
from deploy.local.errors import NotDeleted, explain
from deploy.local.machine import disk, processes
from deploy.local.state_dir import ENTRIES, LOCK, StateDir

OWNER = "state_dir"
"""File in a data folder of root's PostgreSQL: the path of the state folder that uses it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """What is deleted for one state folder, and what stays."""

    state_dir: StateDir
    entries: list[Path]
    """In the state folder."""
    data: list[Path]
    """Folders of root's PostgreSQL below the system folder."""

    @classmethod
    def of(cls, state_dir: StateDir) -> Self:
        """What belongs to a state folder.

        Raises:
            NotDeleted: it is not a state folder, or other files depend on it.
        """
        folder = state_dir.path
        data = _data_of(folder)
        if not folder.exists() and data:
            return cls(state_dir=state_dir, entries=[], data=data)
        if not state_dir.is_state_dir():
            raise NotDeleted(
                f"{folder} is not the state folder of a stack, so nothing was deleted: set "
                "OSTINATO_STATE_DIR to the folder that you mean."
            )
        if folder.resolve() in _home_folders() or Path.cwd().is_relative_to(folder.resolve()):
            raise NotDeleted(
                f"{folder} is a home folder or contains the current folder, so nothing was "
                "deleted: delete the files of the stack by hand."
            )
        names = [*ENTRIES, *(path.name for path in folder.glob(".*.partial"))]
        entries = [folder / name for name in names if os.path.lexists(folder / name)]
        _require_own(entries)
        return cls(state_dir=state_dir, entries=entries, data=data)

    def summary(self) -> Iterator[str]:
        """A line for each file or folder, with its size, and what stays."""
        yield f"To be deleted in {self.state_dir.path}:"
        for path in self.entries:
            target = f"-> {path.readlink()}" if path.is_symlink() else _megabytes(path)
            yield f"  {path.name:<20} {target}"
        for path in (*self.data, *self._programs()):
            yield f"  {path} {_megabytes(path)}"
        for name in self._others():
            yield f"  {name} stays: it is not of the stack"

    def execute(self) -> Iterator[str]:
        """Delete everything, while no stack can start; yields a sentence about each folder.

        Raises:
            NotDeleted: another user owns a file.
            AlreadyRunning: a stack was started in the meantime.
        """
        programs = self._programs()
        if self.entries:
            yield self._delete_folder()
        for path in (*self.data, *programs):
            shutil.rmtree(path)
            yield f"Deleted {path}."
        with suppress(OSError):  # other state folders have data there
            binaries.SYSTEM_DIR.rmdir()

    def _delete_folder(self) -> str:
        folder = self.state_dir.path
        lock = self.state_dir.lock()
        try:
            for path in self.entries:
                if path.name != LOCK:
                    _delete(path)
            (folder / LOCK).unlink()
        except OSError as error:
            raise NotDeleted(explain(error, folder) or f"{folder}: {error}") from error
        finally:
            os.close(lock)
        if others := self._others():
            return f"Deleted the stack's files in {folder}; {', '.join(others)} stays."
        folder.resolve().rmdir()
        if folder.is_symlink():
            folder.unlink()
        return f"Deleted {folder}."

    def _others(self) -> list[str]:
        """Names in the state folder that no stack creates."""
        if not self.state_dir.path.exists():
            return []
        own = {path.name for path in self.entries}
        return sorted(path.name for path in self.state_dir.path.iterdir() if path.name not in own)

    def _programs(self) -> list[Path]:
        """Root's copies of PostgreSQL's programs, once no data folder needs them."""
        if not self.data or set(_folders("postgres-")) > set(self.data):
            return []
        used = [str(path) for path in processes.executables()]
        return [
            copy
            for copy in _folders("postgresql-")
            if not any(path.startswith(f"{copy}/") for path in used)
        ]


def remember_owner(data: Path, state_dir: Path) -> None:
    """Record in a data folder outside the state folder which state folder uses it."""
    if _owner_of(data) != str(state_dir):
        (data / OWNER).write_text(str(state_dir))


def _home_folders() -> set[Path]:
    """The root folder and the home folder of every account."""
    return {Path("/"), *(Path(entry.pw_dir).resolve() for entry in pwd.getpwall())}


def _require_own(entries: list[Path]) -> None:
    """Raise NotDeleted if another user's files would stop the deletion halfway."""
    for path in entries if os.geteuid() != 0 else []:
        if path.lstat().st_uid != os.geteuid():
            raise NotDeleted(
                f"{path} belongs to {processes.owner(path)}, so nothing was deleted: run this "
                "command as that user."
            )


def _data_of(state_dir: Path) -> list[Path]:
    """The data folders that the state folder links to, or that name it as their user."""
    linked = (state_dir / "postgres").resolve()
    return [
        folder
        for folder in _folders("postgres-")
        if folder == linked or _owner_of(folder) == str(state_dir)
    ]


def _owner_of(data: Path) -> str | None:
    try:
        return (data / OWNER).read_text()
    except OSError:  # of an earlier release, or this user may not read it
        return None


def _folders(prefix: str) -> list[Path]:
    """Folders below the system folder."""
    return sorted(path for path in binaries.SYSTEM_DIR.glob(f"{prefix}*") if path.is_dir())


def _delete(path: Path) -> None:
    """Delete a file or folder; of a link, only the link."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _megabytes(path: Path) -> str:
    return f"{disk.size_of(path) / disk.MIB:.0f} MB"
