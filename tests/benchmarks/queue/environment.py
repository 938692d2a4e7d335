"""The servers and services that all parts of the benchmark use, one after the other."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from redis.asyncio import Redis
from sqlalchemy import text

from deploy.local.stack import Stack
from shared.db.database import Database
from shared.db.migrations.migrate import migrate
from tests.benchmarks.queue.http_load import Target
from tests.benchmarks.stack import CHECKPOINTS
from tests.support.http_api import create_api_key
from tests.support.servers.databases import run_statements
from tests.support.tmp import world_traversable_dir

MODEL, LARGE_MODEL = "mini", "v8"
"""The smallest model, so that the queue and not the model limits the rates; and the largest."""
BASELINES = Path("var/bench").absolute()
"""Where `make bench-queue` installs the peers, which are not dependencies of the project."""
GATEWAY = {
    "OSTINATO_MAX_REQUESTS_PER_SECOND": "1000000",
    "OSTINATO_REQUEST_BURST": "1000000",
    "OSTINATO_MAX_PENDING_MELODIES": "100000000",
}
"""Without quotas, which the load of a benchmark exceeds."""
TABLES = "jobs, shards, melodies, item_errors, outbox, owner_queues, queue_clocks, workers"
EMPTY = f"TRUNCATE {TABLES} CASCADE"


class Environment:
    """PostgreSQL and Valkey, and the services that a part needs."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self._folder = folder

    @property
    def gateway(self) -> Target:
        """The gateway of the stack, with the development key."""
        return Target(url=self.stack.url, key=self.stack.key_file.read_text())

    def gateway_of(self, owner: str) -> Target:
        """The gateway, with a new key of another owner."""
        return Target(url=self.stack.url, key=create_api_key(self.stack, owner))

    @contextmanager
    def services(self, *names: str, **worker_settings: str) -> Iterator[None]:
        """Run these services on an empty database; they are ready inside the block."""
        self.empty()
        for name in names:
            self.stack.start(name, **(GATEWAY if name == "gateway" else worker_settings))
        if "gateway" in names:
            self.stack.wait_ready(workers=int("worker" in names))
        try:
            yield
        finally:
            self.stack.stop_services()

    def empty(self) -> None:
        """Delete all jobs, and all event streams."""
        asyncio.run(self.empty_database())

    async def empty_database(self) -> None:
        """Delete all jobs, and all event streams."""
        await run_statements(self.stack.database_url, EMPTY, "VACUUM ANALYZE", "CHECKPOINT")
        async with Redis.from_url(self.stack.redis_url) as redis:
            await redis.flushdb()

    def log_statements(self, *, on: bool) -> None:
        """Let PostgreSQL write every statement to the log of the stack."""
        value = "all" if on else "none"
        asyncio.run(
            run_statements(
                self.stack.database_url,
                f"ALTER SYSTEM SET log_statement = '{value}'",
                "SELECT pg_reload_conf()",
            )
        )

    def log_lines(self) -> list[str]:
        """The lines of the log of the stack."""
        return (self._folder / "var" / "log").read_text(errors="replace").splitlines()

    def postgres_pid(self) -> int:
        """The server, whose children serve the connections."""
        return self.stack.process("postgres").pid

    def scalar(self, statement: str) -> int:
        """The integer that a statement returns."""
        return asyncio.run(self._scalar(statement))

    async def _scalar(self, statement: str) -> int:
        database = Database(self.stack.database_url, pool_size=1)
        async with database.connection() as connection:
            value = int(await connection.scalar(text(statement)) or 0)
        await database.close()
        return value

    def new_database(self, name: str, *, with_tables: bool = False) -> str:
        """The URL of another database on the same server, empty or with the service's tables."""
        statements = (f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
        asyncio.run(run_statements(self.stack.database_url, *statements))
        url = f"{self.stack.database_url.rpartition('/')[0]}/{name}"
        if with_tables:
            asyncio.run(migrate(url))
        return url

    @contextmanager
    def program(self, module: str, *arguments: str, **variables: str) -> Iterator[int]:
        """Run a Python module of the benchmark until the block ends; yields its process id."""
        environment = python_environment() | variables
        process = subprocess.Popen([sys.executable, "-m", module, *arguments], env=environment)
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait(timeout=20)


def python_environment() -> dict[str, str]:
    """The environment of peers: their packages come after those of the project."""
    return dict(os.environ) | {"PYTHONPATH": str(BASELINES)}


@contextmanager
def running_environment() -> Iterator[Environment]:
    """The servers in a temporary folder, with two registered model versions."""
    with world_traversable_dir() as folder:
        checkpoints = folder / "checkpoints"
        checkpoints.mkdir()
        for version in (MODEL, LARGE_MODEL):
            (checkpoints / version).symlink_to(CHECKPOINTS / version)
        with Stack(folder / "var", checkpoints_dir=checkpoints) as stack:
            stack.start_servers()
            stack.migrate()
            stack.register()
            yield Environment(stack, folder)


def free_port() -> int:
    """A port that is free at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_open(url: str, seconds: float = 30) -> None:
    """Wait until an HTTP server responds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            httpx.get(url, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{url} does not respond")
