"""The folder of one stack: its lock, its secrets, its ports, its addresses.

Refuses to know what the secrets open and who listens on the ports.
"""

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
PATIENCE = 15.0
"""Seconds for the children of a killed supervisor to end; the kernel told them to."""


class Folder:
    """`var/`, private to its owner but for what PostgreSQL's account must pass through."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.path.mkdir(parents=True, exist_ok=True)

    def lock(self) -> int:
        """Take the folder, or say who has it; the descriptor holds the lock until it is closed.

        Children inherit it. So after SIGKILL of a supervisor the folder stays taken until the last
        of its children is gone, and two servers never write to the same files.
        """
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        deadline = time.monotonic() + PATIENCE
        while not _try_lock(descriptor):
            holder = os.pread(descriptor, 32, 0).decode().strip()
            if time.monotonic() > deadline or (holder and _is_alive(int(holder))):
                os.close(descriptor)
                raise AlreadyRunning(
                    f"The stack in {self.path} is already running (process {holder}); stop it "
                    "first, or set OSTINATO_VAR to another folder."
                )
            time.sleep(0.1)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        return descriptor

    def is_taken(self) -> bool:
        """A supervisor runs here."""
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            return not _try_lock(descriptor)
        finally:
            os.close(descriptor)

    def secret(self, name: str) -> str:
        """A password of this folder's own, made when first asked for; only its owner reads it."""
        path = self.path / name
        with suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(24))
        return path.read_text()

    def write(self, name: str, text: str) -> None:
        """Leave something for clients to read."""
        (self.path / name).write_text(text)

    def choose_ports(self, **wishes: int) -> None:
        """Give each name the port that it had last time, else the one wished for, else any.

        For whoever holds the lock and is about to listen: a port in use is passed over.
        """
        known = self._ports()
        for name, wish in wishes.items():
            known[name] = _first_free(filter(None, (known.get(name), wish, *_any_ports())))
        self.write("ports.json", json.dumps(known))

    def port(self, name: str) -> int:
        """The port that was chosen for `name`."""
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


def _any_ports() -> list[int]:
    """Some to try, below those that the kernel gives to outgoing connections.

    One of the latter that is free now could be taken before the server listens on it.
    """
    return [20_000 + secrets.randbelow(12_000) for _ in range(20)]


def _first_free(ports: Iterable[int]) -> int:
    for port in ports:
        with suppress(OSError), socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((LOOPBACK, port))
            return port
    raise StackError("No port is free on the loopback.")
