"""The embedded stack: PostgreSQL, Valkey and Ostinato's programs over one folder.

    with Stack(Path("var")) as stack:       # takes the folder; leaving it stops everything
        stack.start_servers()               # PostgreSQL and Valkey, ready, in about a second
        stack.migrate()
        for name in SERVICES:
            stack.start(name)
        stack.register()                    # publishes the checkpoints
        stack.wait_ready()                  # the gateway answers and sees a worker

        stack.start("worker-2", "worker", OSTINATO_LEASE_SECONDS="2")
        stack.kill("worker")                # SIGKILL, as a crash would
        stack.restart("valkey")             # any program by name, with what it was started with
        stack.process("worker-2").signal(signal.SIGSTOP)

Several stacks live side by side, each in its own folder on its own ports. It does what it is told
and refuses to decide when a program should be started again (see supervisor).
"""

import os
import sys
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

import httpx
from rich.console import Console

from deploy.local.errors import NeverReady, StackError
from deploy.local.log import Log
from deploy.local.postgres import Postgres
from deploy.local.process import Keeper, Process, Program
from deploy.local.settings import inherited
from deploy.local.state_dir import LOOPBACK, Folder
from deploy.local.valkey import Valkey

if TYPE_CHECKING:
    from collections.abc import Callable

SERVERS = ("postgres", "valkey")
SERVICES = ("gateway", "dispatcher", "worker", "trainer")

DRAIN_SECONDS = 2
"""What the services get to finish what they hold."""
PATIENCE = 6.0
"""Seconds until a service that does not stop is killed; the servers' below come on top."""
SERVER_PATIENCE = 1.5


class Stack:
    """Who runs, and where. Raises AlreadyRunning when the folder is somebody else's."""

    def __init__(
        self,
        var: Path,
        *,
        checkpoints: Path = Path("checkpoints"),
        port: int = 0,
        console: Console | None = None,
    ) -> None:
        self._checkpoints = checkpoints.absolute()
        with ExitStack() as opened:
            self.folder = Folder(var)
            lock = self.folder.lock()
            opened.callback(os.close, lock)
            self.log = opened.enter_context(Log(self.folder.path / "log", console))
            self._keeper = opened.enter_context(Keeper(lock))
            self.folder.choose_ports(postgres=0, valkey=0, gateway=port)
            self._place_servers()
            self._opened = opened.pop_all()
        self.url = f"http://{LOOPBACK}:{self.folder.port('gateway')}"
        self.folder.write("url", self.url)
        self.web: Path | None = None
        """The built web studio, if the gateway is to serve one."""
        self._processes: dict[str, Process] = {}

    def _place_servers(self) -> None:
        self._postgres = Postgres(self.folder)
        self._valkey = Valkey(self.folder)
        self._starts: dict[str, Callable[[], Process]] = {
            "postgres": partial(self._postgres.start, self._keeper, self.log),
            "valkey": partial(self._valkey.start, self._keeper, self.log),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop everything and give the folder back, within ten seconds."""
        self.stop_services()
        for name in reversed(SERVERS):
            self.stop(name)
        self._opened.close()

    @property
    def database_url(self) -> str:
        """PostgreSQL, for SQLAlchemy over asyncpg."""
        return self._postgres.url

    @property
    def redis_url(self) -> str:
        """Valkey, for redis-py and Celery."""
        return self._valkey.url

    @property
    def key_file(self) -> Path:
        """Where the gateway writes the development key."""
        return self.folder.path / "api_key"

    def environment(self) -> dict[str, str]:
        """What every service is started with; only `OSTINATO_HOME` may be chosen otherwise."""
        ours = {
            "OSTINATO_ENVIRONMENT": "development",
            "OSTINATO_DATABASE_URL": self.database_url,
            "OSTINATO_REDIS_URL": self.redis_url,
            "OSTINATO_CHECKPOINTS": str(self._checkpoints),
            "OSTINATO_STORAGE_URL": str(self.folder.path / "storage"),
            "OSTINATO_HOST": LOOPBACK,
            "OSTINATO_PORT": self.url.rpartition(":")[2],
            "OSTINATO_DEVELOPMENT_KEY_FILE": str(self.key_file),
            "OSTINATO_DRAIN_SECONDS": str(DRAIN_SECONDS),
            "OMP_WAIT_POLICY": "PASSIVE",  # spinning threads beside a busy neighbour: 10x slower
        }
        if self.web is not None:
            ours["OSTINATO_WEB"] = str(self.web.absolute())
        return {"OSTINATO_HOME": str(self.folder.path / "home")} | inherited() | ours

    def start_servers(self) -> None:
        """PostgreSQL and Valkey, ready."""
        self._postgres.prepare()
        self._valkey.prepare()
        for name in SERVERS:
            self.restart(name)

    def migrate(self) -> None:
        """Bring the tables up to date."""
        self._run("migrate", "shared.db.migrate")

    def register(self) -> None:
        """Publish the checkpoints."""
        self._run("register", "services.trainer.publishing.registration")

    def start(self, name: str, service: str | None = None, **environment: str) -> None:
        """Start a service, under a name of its own if there is to be more than one of it."""
        program = self._program(name, f"services.{service or name}", environment)
        self._starts[name] = partial(Process, program, self._keeper, self.log)
        self.restart(name)

    def restart(self, name: str) -> None:
        """Start it as it was started before; it is stopped first if it runs."""
        self.stop(name)
        self._processes[name] = self._starts[name]()

    def process(self, name: str) -> Process:
        """The present run of a program that was started and neither stopped nor killed."""
        return self._processes[name]

    def stop(self, name: str) -> None:
        """Ask it to end, and end it if it does not; nothing happens if it does not run."""
        process = self._processes.pop(name, None)
        if process is not None:
            process.stop(SERVER_PATIENCE if name in SERVERS else PATIENCE)

    def kill(self, name: str) -> None:
        """SIGKILL, as a crash would."""
        self._processes.pop(name).kill()

    def stop_services(self) -> None:
        """All at once, so that the slowest decides."""
        names = [name for name in self._processes if name not in SERVERS]
        for name in names:
            self._processes[name].ask_to_stop()
        deadline = time.monotonic() + PATIENCE
        for name in names:
            self._processes.pop(name).stop(max(0.0, deadline - time.monotonic()))

    def crashed(self) -> dict[str, int]:
        """Who ended without being told to, and with which exit code."""
        codes = {name: process.returncode for name, process in self._processes.items()}
        return {name: code for name, code in codes.items() if code is not None}

    def wait_ready(self, seconds: float = 90.0, *, workers: int = 1) -> None:
        """Until the gateway answers, reaches both servers and sees so many workers."""
        deadline = time.monotonic() + seconds
        with httpx.Client(base_url=self.url, trust_env=False) as client:
            while not _is_ready(client, workers):
                if crashed := self.crashed():
                    raise NeverReady(f"{', '.join(crashed)} ended at start: {self._see_log()}")
                if time.monotonic() > deadline:
                    raise NeverReady(f"Not ready after {seconds:.0f} s: {self._see_log()}")
                time.sleep(0.1)

    def _program(self, name: str, module: str, environment: dict[str, str]) -> Program:
        return Program(
            name=name,
            command=[sys.executable, "-m", module],
            environment=self.environment() | environment,
        )

    def _run(self, name: str, module: str) -> None:
        """A program that ends by itself."""
        process = Process(self._program(name, module, {}), self._keeper, self.log)
        try:
            code = process.wait(seconds=120)
        finally:
            process.stop(patience=1)
        if code != 0:
            raise StackError(f"{name} failed with exit code {code}: {self._see_log()}")

    def _see_log(self) -> str:
        return f"see {self.folder.path / 'log'}"


def _is_ready(client: httpx.Client, workers: int) -> bool:
    """`/readyz` answers 200 as soon as PostgreSQL does; we want the rest as well."""
    try:
        answer = client.get("/readyz")
    except httpx.TransportError:
        return False
    if not answer.is_success:
        return False
    parts = answer.json()
    return parts["redis"] == "ok" and int(parts["workers"]) >= workers
