"""A lock in the database that stops the services at a chosen statement until it is released."""

import asyncio
import time
from typing import Self

import asyncpg  # type: ignore[import-untyped]

TIMEOUT_SECONDS = 30.0
POLL_SECONDS = 0.01
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))"


class DatabaseLock:
    """One transaction of the test, which holds locks, and a connection that observes the others."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url.replace("+asyncpg", "")
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        self._runner.__enter__()
        self._holder = self._runner.run(asyncpg.connect(self._url))
        self._observer = self._runner.run(asyncpg.connect(self._url))
        self._pid = self._holder.get_server_pid()
        self._runner.run(self._holder.execute("BEGIN"))
        return self

    def __exit__(self, *exc: object) -> None:
        # A fault may have ended the connections
        self._holder.terminate()
        self._observer.terminate()
        self._runner.__exit__(*exc)

    def take(self, statement: str, *arguments: object) -> None:
        """Take a lock, and hold it until the end of the block."""
        self._runner.run(self._holder.execute(statement, *arguments))

    def wait_until_wanted(self) -> None:
        """Wait until a statement of a service waits for a lock of this transaction."""
        self.wait_for(_WAITING, self._pid)

    def wait_for(self, statement: str, *arguments: object) -> None:
        """Wait until a statement returns a true value."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not self._runner.run(self._observer.fetchval(statement, *arguments)):
            assert time.monotonic() < deadline, f"never true: {statement}"
            time.sleep(POLL_SECONDS)
