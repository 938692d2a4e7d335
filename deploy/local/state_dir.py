"""The state folder of one stack: its lock, secrets, ports and addresses."""

import fcntl
import json
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from deploy.local.errors import ADVICE, OTHER_FOLDER, AlreadyRunning, UnusableFolder
from deploy.local.machine import disk, ports, processes

LOCK_TIMEOUT = 15.0
"""Seconds for the children of a killed supervisor to exit after the kernel's signal."""

MAX_PATH_BYTES = 900
"""PostgreSQL cuts paths of more than 1,023 bytes (MAXPGPATH)."""

LOCK, PORTS = "lock", "ports.json"
ENTRIES = (
    *(LOCK, PORTS, "log", "log.1", "url", "api_key", "valkey_password", "flower_password"),
    *("postgres", "valkey", "storage", "cache", "checkpoints", "native"),
    "home",  # the cache of release 0.1.0
)
"""All files and folders that a stack creates in its state folder."""
CREATED_BEFORE_THE_FIRST_START = {LOCK, "native", "log"}


class StateDir:
    """A folder such as `var/`."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    @property
    def checkpoints_dir(self) -> Path:
        """The stack's own model versions."""
        return self.path / "checkpoints"

    @classmethod
    def create(cls, path: Path) -> Self:
        """The folder, created if it is missing.

        Raises:
            UnusableFolder: it cannot be created, or its path is too long.
        """
        state_dir = cls(path)
        length = len(os.fsencode(state_dir.path))
        if length > MAX_PATH_BYTES:
            raise UnusableFolder(
                f"The path of the state folder has {length} bytes, and PostgreSQL can use "
                f"{MAX_PATH_BYTES}: set OSTINATO_STATE_DIR to a shorter one."
            )
        try:
            state_dir.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise state_dir._unusable(error) from error
        return state_dir

    def lock(self) -> int:
        """Lock the folder; the lock is held until the returned descriptor is closed.

        Children inherit the descriptor. After SIGKILL of a supervisor the folder therefore stays
        locked until the last of its children has exited, and two servers never write to the same
        files.

        Raises:
            AlreadyRunning: another supervisor has locked it.
            UnusableFolder: this user cannot write to it.
        """
        descriptor = self._open_lock()
        deadline = time.monotonic() + LOCK_TIMEOUT
        while not _try_lock(descriptor):
            holder = _pid_in(descriptor)
            if time.monotonic() > deadline or (holder and _is_alive(holder)):
                os.close(descriptor)
                raise AlreadyRunning(
                    f"The stack in {self.path} is already running (process {holder}): stop it "
                    "with `ostinato down`, or set OSTINATO_STATE_DIR to another folder."
                )
            time.sleep(0.1)
        if os.fstat(descriptor).st_nlink == 0:
            os.close(descriptor)
            raise AlreadyRunning(f"{self.path} was deleted at this moment: start again.")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        return descriptor

    def unlock(self, descriptor: int) -> None:
        """Release the lock, and forget the pid: later another process may have it."""
        os.ftruncate(descriptor, 0)
        os.close(descriptor)

    def migrate_from_0_1_0(self) -> None:
        """Rename the cache folder of release 0.1.0; call it while the folder is locked."""
        if (self.path / "home").is_dir() and not (self.path / "cache").exists():
            (self.path / "home").rename(self.path / "cache")

    def is_locked(self) -> bool:
        """Whether a supervisor is running here, or children of one that was killed.

        Raises:
            UnusableFolder: this user may not know it.
        """
        try:
            descriptor = os.open(self.path / LOCK, os.O_RDONLY)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise self._unusable(error) from error
        try:
            return not _try_lock(descriptor)
        finally:
            os.close(descriptor)

    def supervisor(self) -> int | None:
        """The pid of the process that has locked the folder; None if there is none.

        The pid in the lock file is not enough: after SIGKILL another process may get it.
        """
        if not self.is_locked():
            return None
        with suppress(ValueError):
            pid = int((self.path / LOCK).read_text() or 0)
            if pid and _is_alive(pid) and processes.may_have_open(pid, self.path / LOCK):
                return pid
        return None

    def is_state_dir(self) -> bool:
        """Whether a stack has been started here."""
        return all(os.path.isfile(self.path / name) for name in (LOCK, PORTS))  # noqa: PTH113

    def reject_foreign_files(self) -> None:
        """Raise UnusableFolder if files of other programs have names that a stack uses.

        After the first start all of them belong to the stack.
        """
        if self.is_state_dir():
            return
        for name in sorted(set(ENTRIES) - CREATED_BEFORE_THE_FIRST_START):
            if os.path.lexists(self.path / name):
                raise UnusableFolder(
                    f"{self.path / name} does not belong to a stack: set OSTINATO_STATE_DIR to a "
                    "new or an empty folder."
                )

    def secret(self, name: str) -> str:
        """A random password of this folder, created on first use; only its owner can read it."""
        path = self.path / name
        if not path.exists():
            self.write(name, secrets.token_urlsafe(24), mode=0o600)
        return path.read_text()

    def write(self, name: str, text: str, *, mode: int = 0o644) -> None:
        """Replace a file; if this fails, as on a full disk, the previous one stays."""
        partial = self.path / f".{name}.{os.getpid()}.partial"
        try:
            partial.touch(mode=mode)
            partial.write_text(text)
            partial.replace(self.path / name)
        except OSError:
            partial.unlink(missing_ok=True)
            raise

    def allocate_ports(self, **preferred: int) -> None:
        """Assign each name its preferred port if free, else its previous one, else a random one.

        The caller holds the lock and is about to listen. A preferred port of 0 means no preference.
        """
        allocated = self._ports()
        for name, port in preferred.items():
            candidates = (port, allocated.get(name), *ports.random_ports())
            allocated[name] = ports.first_free(filter(None, candidates))
        self.write(PORTS, json.dumps(allocated))

    def port(self, name: str) -> int:
        """The port that is allocated to `name`."""
        return self._ports()[name]

    def _ports(self) -> dict[str, int]:
        path = self.path / PORTS
        return json.loads(path.read_text()) if path.exists() else {}

    def _open_lock(self) -> int:
        try:
            return os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> UnusableFolder:
        reason, advice = error.strerror, ADVICE.get(error.errno or 0, OTHER_FOLDER)
        if isinstance(error, PermissionError):
            folder = disk.existing(self.path)
            owner = processes.owner(folder)
            reason = f"{folder} belongs to {owner}"
            advice = f"start as {owner}, or {OTHER_FOLDER}"
        return UnusableFolder(f"The state folder {self.path} cannot be used: {reason}: {advice}.")


def _pid_in(descriptor: int) -> int:
    """The pid that the holder wrote into the lock file; 0 if it has not done so yet."""
    text = os.pread(descriptor, 32, 0).decode().strip()
    return int(text) if text else 0


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
