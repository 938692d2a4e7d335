"""Valkey as a child process: append-only file, no eviction, password.

A crash of the machine loses one or two seconds of writes at most.
"""

import signal
import time

import redis

from deploy.local import binaries
from deploy.local.errors import StartupFailed
from deploy.local.log import Log
from deploy.local.machine.ports import LOOPBACK
from deploy.local.process import Process, ProcessSpawner, ProgramSpec
from deploy.local.state_dir import StateDir

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
"""The file is readable by its owner only; every user could see a password in the arguments."""

START_TIMEOUT = 30.0
"""Seconds to load the append-only file."""


class Valkey:
    """One server; its data are in `valkey/` of the state folder."""

    def __init__(self, state_dir: StateDir) -> None:
        self._dir = state_dir.path / "valkey"
        self._port = state_dir.port("valkey")
        self._password = state_dir.secret("valkey_password")

    @property
    def url(self) -> str:
        """The URL for redis-py and Celery."""
        return f"redis://:{self._password}@{LOOPBACK}:{self._port}/0"

    def prepare(self) -> None:
        """Write the configuration file."""
        self._dir.mkdir(mode=0o700, exist_ok=True)
        path = self._dir / CONFIGURATION_FILE
        path.touch(mode=0o600)
        path.write_text(
            CONFIGURATION.format(host=LOOPBACK, port=self._port, password=self._password)
        )

    def start(self, spawner: ProcessSpawner, log: Log) -> Process:
        """Start the server and wait until it has loaded its data."""
        process = Process(self._spec(), spawner, log)
        deadline = time.monotonic() + START_TIMEOUT
        with redis.Redis.from_url(self.url, retry=None) as client:
            while process.running and time.monotonic() < deadline:
                if _is_ready(client):
                    return process
                time.sleep(0.02)
        process.stop(timeout=2)
        raise StartupFailed("Valkey did not become ready; the log has the reason.")

    def _spec(self) -> ProgramSpec:
        return ProgramSpec(
            name="valkey",
            command=[str(binaries.valkey()), CONFIGURATION_FILE],
            env={"LC_ALL": "C", "TZ": "UTC"},
            cwd=self._dir,
            orphan_signal=signal.SIGTERM,
        )


def _is_ready(client: "redis.Redis") -> bool:
    """Whether PING succeeds; a server that is loading its data raises BusyLoadingError."""
    try:
        return bool(client.ping())
    except redis.ConnectionError:  # the base class of BusyLoadingError
        return False
