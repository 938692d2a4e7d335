"""Valkey as a child process: append-only file, no eviction, password.

A crash of the machine loses one or two seconds of writes at most. PostgreSQL has everything that
must not be lost, so a server that cannot load its append-only file starts without it.
"""

import shutil
import signal
import time
from pathlib import Path

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

DATA, DAMAGED_DATA = "appendonlydir", "appendonlydir.damaged"
"""Valkey's folder with the append-only file, and what is kept of one that it could not load."""


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
        """Start the server and wait until it has loaded its data.

        If it exits instead, it is started without them: they are kept in another folder, which the
        log names. If it exits again, the data were not the reason, and they stay in their place.
        """
        if process := self._try_start(spawner, log):
            return process
        with_data, damaged = self._dir / DATA, self._dir / DAMAGED_DATA
        if with_data.exists():
            shutil.rmtree(damaged, ignore_errors=True)
            with_data.rename(damaged)
            if process := self._try_start(spawner, log):
                log.write("valkey", _started_empty(damaged))
                return process
            shutil.rmtree(with_data, ignore_errors=True)
            damaged.rename(with_data)
        raise StartupFailed("Valkey did not become ready; the log has the reason.")

    def _try_start(self, spawner: ProcessSpawner, log: Log) -> Process | None:
        """The server, once it is ready; None if it has exited.

        Raises:
            StartupFailed: it is still loading its data after `START_TIMEOUT`; it was stopped.
        """
        process = Process(self._spec(), spawner, log)
        deadline = time.monotonic() + START_TIMEOUT
        with redis.Redis.from_url(self.url, retry=None) as client:
            while process.running and time.monotonic() < deadline:
                if _is_ready(client):
                    return process
                time.sleep(0.02)
        if process.running:
            process.stop(timeout=2)
            raise StartupFailed(f"Valkey did not become ready in {START_TIMEOUT:.0f} s.")
        return None

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


def _started_empty(damaged: Path) -> str:
    """What a user has to know about data that could not be loaded."""
    return (
        "could not load its append-only file and started empty. No job is lost: PostgreSQL has all "
        f"of them, and event streams are rebuilt. The damaged file is kept in {damaged}, until "
        "there is another; delete it if it is of no use."
    )
