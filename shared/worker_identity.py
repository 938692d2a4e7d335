"""The identity under which a worker or trainer process claims work."""

import os
import socket
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID


def process_name() -> str:
    """Process id and host, for people to read."""
    return f"{os.getpid()}@{socket.gethostname()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerIdentity:
    """One process, from its start to its end."""

    id: UUID
    """Stored with every shard that the process has claimed."""
    name: str
    """Process id and host, for people to read."""
    lease_duration: timedelta
    """How long a claim is valid without a heartbeat."""
