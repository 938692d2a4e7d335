"""The state folder of one stack: its lock, secrets, ports and addresses."""

import fcntl
import json
import os
import secrets
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from deploy.local.errors import AlreadyRunning, StackError

LOOPBACK = "127.0.0.1"
LOCK_TIMEOUT = 15.0
"""Seconds for the children of a killed supervisor to exit after the kernel's signal."""


class StateDir:
    """A folder such as `var/`."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.path.mkdir(parents=True, exist_ok=True)

    def lock(self) -> int:
        """Lock the folder; the lock is held until the returned descriptor is closed.

        Children inherit the descriptor. After SIGKILL of a supervisor the folder therefore stays
        locked until the last of its children has exited, and two servers never write to the same
        files.

        Raises:
            AlreadyRunning: another supervisor has locked it.
        """
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        deadline = time.monotonic() + LOCK_TIMEOUT
        while not _try_lock(descriptor):
            holder = os.pread(descriptor, 32, 0).decode().strip()
            if time.monotonic() > deadline or (holder and _is_alive(int(holder))):
                os.close(descriptor)
                raise AlreadyRunning(
                    f"The stack in {self.path} is already running (process {holder}): stop it "
                    "first, or set OSTINATO_STATE_DIR to another folder."
                )
            time.sleep(0.1)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        return descriptor

    def migrate_from_0_1_0(self) -> None:
        """Rename the cache folder of release 0.1.0; call it while the folder is locked."""
        if (self.path / "home").is_dir() and not (self.path / "cache").exists():
            (self.path / "home").rename(self.path / "cache")

    def is_locked(self) -> bool:
        """Whether a supervisor is running here."""
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            return not _try_lock(descriptor)
        finally:
            os.close(descriptor)

    def secret(self, name: str) -> str:
        """A random password of this folder, created on first use; only its owner can read it."""
        path = self.path / name
        with suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(24))
        return path.read_text()

    def write(self, name: str, text: str) -> None:
        """Write a file that clients read."""
        (self.path / name).write_text(text)

    def allocate_ports(self, **preferred: int) -> None:
        """Assign each name its previous port if free, else the preferred one, else a random one.

        The caller holds the lock and is about to listen. A preferred port of 0 means no preference.
        """
        ports = self._ports()
        for name, port in preferred.items():
            ports[name] = _first_free(filter(None, (ports.get(name), port, *_random_ports())))
        self.write("ports.json", json.dumps(ports))

    def port(self, name: str) -> int:
        """The port that is allocated to `name`."""
        return self._ports()[name]

    def _ports(self) -> dict[str, int]:
        path = self.path / "ports.json"
        return json.loads(path.read_text()) if path.exists() else {}


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


def _random_ports() -> list[int]:
    """Candidates below the range that the kernel assigns to outgoing connections.

    A free port of that range could be assigned before the server listens on it.
    """
    return [20_000 + secrets.randbelow(12_000) for _ in range(20)]


def _first_free(ports: Iterable[int]) -> int:
    for port in ports:
        with suppress(OSError), socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((LOOPBACK, port))
            return port
    raise StackError("No port is free on the loopback interface.")
