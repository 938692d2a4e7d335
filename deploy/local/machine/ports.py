"""TCP ports of the loopback interface: which are free, and who listens."""

import errno
import secrets
import socket
from collections.abc import Iterable
from pathlib import Path

from deploy.local.errors import PortNotFree, StackError
from deploy.local.machine import processes

LOOPBACK = "127.0.0.1"
TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
LISTENING = "0A"
"""The state of a listening socket in these tables (include/net/tcp_states.h)."""


def is_free(port: int) -> bool:
    """Whether a server can listen on this port."""
    try:
        _bind(port)
    except OSError:
        return False
    return True


def first_free(ports: Iterable[int]) -> int:
    """The first of these ports that a server can listen on."""
    for port in ports:
        if is_free(port):
            return port
    raise StackError("No port is free on the loopback interface.")


def require_free(port: int) -> None:
    """Raise PortNotFree, with the reason, if a server cannot listen on this port."""
    try:
        _bind(port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = f"is in use by {listener(port)}: stop that process, or"
        else:
            reason = f"is not available ({error.strerror}):"
        raise PortNotFree(
            f"Port {port} {reason} set OSTINATO_PORT to another port, such as "
            f"{first_free(random_ports())}."
        ) from error


def listener(port: int) -> str:
    """The process that listens on a port, as precisely as this user may know."""
    entry = f":{port:04X}"
    for table in TABLES:
        for line in table.read_text().splitlines()[1:] if table.exists() else []:
            fields = line.split()
            if fields[3] == LISTENING and fields[1].endswith(entry):
                pid = processes.owner_of_socket(fields[9])
                return processes.describe(pid) if pid else "a process of another user"
    return "another process"


def random_ports() -> list[int]:
    """Candidates below the range that the kernel assigns to outgoing connections.

    A free port of that range could be assigned before the server listens on it.
    """
    return [20_000 + secrets.randbelow(12_000) for _ in range(20)]


def _bind(port: int) -> None:
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((LOOPBACK, port))
