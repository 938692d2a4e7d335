"""The clock of PostgreSQL, which judges leases and deadlines; a test can step it (libfaketime)."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local.postgres import Postgres
from deploy.local.process import ProgramSpec

CACHE_SECONDS = 1
"""libfaketime reads the offset once a second."""
LIBRARIES = sorted(Path("/usr/lib").glob("**/faketime/libfaketime.so.1"))


class Clock:
    """A file with the offset of a program's clock to that of the machine."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._offset = 0
        self._write()
        file.chmod(0o644)

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which a program reads this clock; empty without the library."""
        if not LIBRARIES:
            return {}
        return {
            "LD_PRELOAD": str(LIBRARIES[-1]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": str(CACHE_SECONDS),
            "DONT_FAKE_MONOTONIC": "1",
        }

    def step(self, seconds: int) -> None:
        """Move the clock, and wait until the program has noticed."""
        require_faketime()
        self._offset += seconds
        self._write()
        time.sleep(1.5 * CACHE_SECONDS)

    def _write(self) -> None:
        self._file.write_text(f"{self._offset:+d}s\n")


class PostgresWithClock(Postgres):
    """PostgreSQL with a clock of its own."""

    clock: Clock

    def _spec(self) -> ProgramSpec:
        spec = super()._spec()
        # The library creates a semaphore, which has to belong to the account of the server
        assignments = (f"{name}={value}" for name, value in self.clock.environment.items())
        return replace(spec, command=["/usr/bin/env", *assignments, *spec.command])


def require_faketime() -> None:
    """Skip the test if libfaketime is missing; in CI it fails."""
    if LIBRARIES:
        return
    reason = "libfaketime is missing: install the Debian package faketime"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; with CI=true its tests must run")
    pytest.skip(reason)
