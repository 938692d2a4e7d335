"""Valkey under our own supervision: durable to a second or two, never evicting, behind a password.

Refuses to know what the keys mean.
"""

import signal
import time

import redis

from deploy.local import binaries
from deploy.local.errors import NeverReady
from deploy.local.log import Log
from deploy.local.process import Keeper, Process, Program
from deploy.local.state_dir import LOOPBACK, Folder

CONFIGURATION = """\
bind {host}
port {port}
requirepass {password}
dir .
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
loglevel warning
"""
CONFIGURATION_FILE = "valkey.conf"
"""Only its owner reads it: a password among the arguments would be everybody's."""

PATIENCE = 30.0
"""Seconds to read the append-only file back."""


class Valkey:
    """One server, in a folder of its own beside the others."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder.path / "valkey"
        self._port = folder.port("valkey")
        self._password = folder.secret("valkey_password")

    @property
    def url(self) -> str:
        """For redis-py and Celery."""
        return f"redis://:{self._password}@{LOOPBACK}:{self._port}/0"

    def prepare(self) -> None:
        """Write the configuration."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        path = self._folder / CONFIGURATION_FILE
        path.touch(mode=0o600)
        path.write_text(
            CONFIGURATION.format(host=LOOPBACK, port=self._port, password=self._password)
        )

    def start(self, keeper: Keeper, log: Log) -> Process:
        """Start it and wait until it has read its file and answers."""
        process = Process(self._program(), keeper, log)
        deadline = time.monotonic() + PATIENCE
        with redis.Redis.from_url(self.url, retry=None) as client:
            while process.running and time.monotonic() < deadline:
                if _answers(client):
                    return process
                time.sleep(0.02)
        process.stop(patience=2)
        raise NeverReady("Valkey did not get ready; the log says why.")

    def _program(self) -> Program:
        return Program(
            name="valkey",
            command=[str(binaries.valkey()), CONFIGURATION_FILE],
            environment={"LC_ALL": "C", "TZ": "UTC"},
            folder=self._folder,
            orphan_signal=signal.SIGTERM,
        )


def _answers(client: "redis.Redis") -> bool:
    """A server that is still reading its file says that it is loading."""
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
