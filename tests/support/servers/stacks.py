"""Stacks for tests: services on shared servers, or a whole stack that tests may damage."""

import asyncio
import signal
import time
from collections.abc import Iterable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Self

import httpx

from deploy.local.stack import SERVERS, SERVICES, Stack
from deploy.local.valkey import CONFIGURATION_FILE, Valkey
from shared.db.migrations.migrate import migrate
from tests.support.servers.clock import Clock, PostgresWithClock
from tests.support.servers.databases import run_statements

FAST_LEASES = {
    "OSTINATO_LEASE_SECONDS": "3",
    "OSTINATO_HEARTBEAT_INTERVAL_SECONDS": "0.5",
    "OSTINATO_OUTAGE_GRACE_SECONDS": "1.5",
}
"""Leases that expire after three seconds instead of thirty."""

TEMPLATE = "migrated"
"""The database with the newest schema, of which the other databases are copies."""
EMPTY = "template0"
"""PostgreSQL's database without tables, as a template."""

REGISTRATION_TIMEOUT = 60.0
MAX_STACKS = 500
"""Stacks of one test process, each with its own database in both servers."""


class ManyDatabases(Valkey):
    """Valkey with more than its usual 16 databases."""

    def prepare(self) -> None:
        """Write the configuration file."""
        super().prepare()
        with (self._dir / CONFIGURATION_FILE).open("a") as file:
            file.write(f"databases {MAX_STACKS + 1}\n")


class ServersOnly(Stack):
    """The servers of many stacks."""

    def _create_servers(self) -> None:
        super()._create_servers()
        self._valkey = ManyDatabases(self.state_dir)
        self._start_functions["valkey"] = partial(self._valkey.start, self._spawner, self.log)


class Servers:
    """One PostgreSQL and one Valkey, on which every stack of the test process has a database."""

    def __init__(self, folder: Path) -> None:
        self._stack = ServersOnly(folder)
        self._numbers = count(1)

    def __enter__(self) -> Self:
        self._stack.start_servers()
        asyncio.run(self._prepare())
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    async def _prepare(self) -> None:
        await run_statements(
            self._stack.database_url,
            "ALTER SYSTEM SET fsync = off",  # these data are not read again after a crash
            "SELECT pg_reload_conf()",
            f"CREATE DATABASE {TEMPLATE}",
        )
        await migrate(self._database_url(TEMPLATE))

    @property
    def log(self) -> Path:
        """The file with the log of both servers."""
        return self._stack.state_dir.path / "log"

    def new_urls(self, template: str = TEMPLATE) -> tuple[str, str]:
        """The URLs of a new database, a copy of `template`, and of an unused Redis database."""
        number = next(self._numbers)
        assert number <= MAX_STACKS
        name = f"test_{number}"
        asyncio.run(
            run_statements(self._stack.database_url, f"CREATE DATABASE {name} TEMPLATE {template}")
        )
        return self._database_url(name), f"{self._stack.redis_url.rpartition('/')[0]}/{number}"

    def _database_url(self, name: str) -> str:
        return f"{self._stack.database_url.rpartition('/')[0]}/{name}"


class StackOnServers(Stack):
    """The services of a stack, with a database of their own on the servers of another one."""

    def __init__(
        self, folder: Path, servers: Servers, *, checkpoints_dir: Path, template: str = TEMPLATE
    ) -> None:
        self._urls = servers.new_urls(template)
        super().__init__(folder, checkpoints_dir=checkpoints_dir)

    def _create_servers(self) -> None:
        """The servers exist already."""
        self._start_functions = {}

    @property
    def database_url(self) -> str:
        return self._urls[0]

    @property
    def redis_url(self) -> str:
        return self._urls[1]


class RestorableStack(Stack):
    """A whole stack whose parts a test may stop, kill, or start with other settings."""

    clock: Clock
    """That of PostgreSQL."""
    filler: Path | None = None
    """The file that fills the disk of the jobs and melodies, while they have one of their own."""

    def _create_servers(self) -> None:
        super()._create_servers()
        self.clock = Clock(self.state_dir.path / "clock")
        postgres = PostgresWithClock(self.state_dir)
        postgres.clock = self.clock
        self._postgres = postgres
        self._start_functions["postgres"] = partial(postgres.start, self._spawner, self.log)

    def start_all(self) -> None:
        """Start the servers and the services, and remember their settings."""
        self.start_servers()
        asyncio.run(migrate(self.database_url))
        start_services(self, SERVICES)
        self._original = dict(self._start_functions)

    def restore(self) -> None:
        """Stop what a test has added, and start again what it stopped, killed or replaced."""
        for name in set(self._processes) - set(self._original):
            self.stop(name)
        for process in self._processes.values():
            process.signal(signal.SIGCONT)  # a failed test may have left it stopped
        for name in (*SERVERS, *SERVICES):
            if not self._is_original(name):
                self._start_functions[name] = self._original[name]
                self.restart(name)
        self.wait_ready()

    def _is_original(self, name: str) -> bool:
        process = self._processes.get(name)
        is_running = process is not None and process.running
        return is_running and self._start_functions[name] is self._original[name]


def start_services(stack: Stack, services: Iterable[str]) -> None:
    """Start services with short leases, and wait until every version can be requested.

    The trainer has to be one of them, because it registers the versions. If there is a worker, it
    has tested them then, so that they are promoted.
    """
    for service in services:
        stack.start(service, **FAST_LEASES)
    stack.wait_ready(workers=int("worker" in services))
    wait_until_registered(stack, states={"promoted"} if "worker" in services else {"pending"})


def wait_until_registered(stack: Stack, *, states: set[str] | None = None) -> None:
    """Wait until the trainer has registered all folders, with such a promotion if given."""
    expected = {card.parent.name for card in stack.checkpoints_dir.glob("*/card.json")}
    headers = {"Authorization": f"Bearer {stack.key_file.read_text()}"}
    deadline = time.monotonic() + REGISTRATION_TIMEOUT
    with httpx.Client(base_url=stack.url, headers=headers, trust_env=False) as http:
        while True:
            models = http.get("/v1/models").json()["items"]
            found = {
                model["version"]
                for model in models
                if states is None or model["promotion"] in states
            }
            if not expected - found:
                return
            assert time.monotonic() < deadline, f"not registered: {expected - found}"
            time.sleep(0.05)
