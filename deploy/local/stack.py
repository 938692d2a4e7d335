"""The embedded stack: PostgreSQL, Valkey and all services in one state folder.

    with Stack(Path("var")) as stack:       # locks the folder; leaving the block stops everything
        stack.bring_up(print)               # starts everything and waits until it is ready

        stack.start("worker-2", "worker", OSTINATO_LEASE_SECONDS="2")
        stack.kill("worker")                # SIGKILL, which simulates a crash
        stack.restart("valkey")             # any program, with its original settings
        stack.process("worker-2").signal(signal.SIGSTOP)

Several stacks can run at once, each with its own folder and ports. `Supervisor` decides when a
crashed program is restarted.
"""

import sys
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

import httpx
from rich.console import Console

from deploy.local.errors import StackError, StartupFailed
from deploy.local.log import Log
from deploy.local.machine import disk, ports
from deploy.local.postgres import Postgres
from deploy.local.process import Process, ProcessSpawner, ProgramSpec
from deploy.local.settings import inherited_environment
from deploy.local.signals import raise_if_shutting_down
from deploy.local.state_dir import StateDir
from deploy.local.valkey import Valkey

if TYPE_CHECKING:
    from collections.abc import Callable

SERVERS = ("postgres", "valkey")
SERVICES = ("gateway", "dispatcher", "worker", "trainer")

DRAIN_TIMEOUT_SECONDS = 2
"""Time for the services to finish their claimed work at shutdown."""
STOP_TIMEOUT = 6.0
"""Seconds until a service that does not stop is killed."""
SERVER_STOP_TIMEOUT = 1.5
"""Seconds until a server that does not stop is killed; servers stop after the services."""


class Stack:
    """All programs of one stack. Raises AlreadyRunning if another supervisor locked the folder."""

    def __init__(
        self,
        state_dir: Path,
        *,
        checkpoints_dir: Path = Path("checkpoints"),
        port: int = 0,
        port_is_required: bool = False,
        console: Console | None = None,
    ) -> None:
        self.checkpoints_dir = checkpoints_dir.absolute()
        with ExitStack() as resources:
            self.state_dir = StateDir.create(state_dir)
            lock = self.state_dir.lock()
            resources.callback(self.state_dir.unlock, lock)
            self.state_dir.migrate_from_0_1_0()
            if port_is_required:
                ports.require_free(port)
            self.log = resources.enter_context(Log(self.state_dir.path / "log", console))
            self._spawner = resources.enter_context(ProcessSpawner(lock))
            self.state_dir.allocate_ports(postgres=0, valkey=0, gateway=port)
            self._create_servers()
            self._resources = resources.pop_all()
        self.port = self.state_dir.port("gateway")
        self.url = f"http://{ports.LOOPBACK}:{self.port}"
        self.state_dir.write("url", self.url)
        self.static_dir: Path | None = None
        """The built web studio, if the gateway is to serve it."""
        self._processes: dict[str, Process] = {}

    def _create_servers(self) -> None:
        self._postgres = Postgres(self.state_dir)
        self._valkey = Valkey(self.state_dir)
        self._start_functions: dict[str, Callable[[], Process]] = {
            "postgres": partial(self._postgres.start, self._spawner, self.log),
            "valkey": partial(self._valkey.start, self._spawner, self.log),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop everything and release the lock, within ten seconds."""
        self.stop_services()
        for name in reversed(SERVERS):
            self.stop(name)
        self._resources.close()

    @property
    def database_url(self) -> str:
        """The URL of PostgreSQL, for SQLAlchemy over asyncpg."""
        return self._postgres.url

    @property
    def redis_url(self) -> str:
        """The URL of Valkey, for redis-py and Celery."""
        return self._valkey.url

    @property
    def data_dir(self) -> Path:
        """PostgreSQL's folder; for root it may be outside the state folder."""
        return self._postgres.folder

    @property
    def key_file(self) -> Path:
        """The file to which the gateway writes the development key."""
        return self.state_dir.path / "api_key"

    def env(self) -> dict[str, str]:
        """The environment of every service; of these, the user can override OSTINATO_CACHE_DIR."""
        defaults = {"OSTINATO_CACHE_DIR": str(self.state_dir.path / "cache")}
        fixed = {
            "OSTINATO_ENVIRONMENT": "development",
            "OSTINATO_DATABASE_URL": self.database_url,
            "OSTINATO_REDIS_URL": self.redis_url,
            "OSTINATO_EVENT_STREAMS_URL": self.redis_url,
            "OSTINATO_CHECKPOINTS_DIR": str(self.checkpoints_dir),
            "OSTINATO_STORAGE_URL": str(self.state_dir.path / "storage"),
            "OSTINATO_STATE_DIR": str(self.state_dir.path),  # where native code may be kept
            "OSTINATO_HOST": ports.LOOPBACK,
            "OSTINATO_PORT": str(self.port),
            "OSTINATO_DEVELOPMENT_KEY_FILE": str(self.key_file),
            "OSTINATO_DRAIN_TIMEOUT_SECONDS": str(DRAIN_TIMEOUT_SECONDS),
            # OpenMP threads that spin while they wait are 10 times slower on busy cores.
            "OMP_WAIT_POLICY": "PASSIVE",
        }
        if self.static_dir is not None:
            fixed["OSTINATO_STATIC_DIR"] = str(self.static_dir.absolute())
        return defaults | inherited_environment() | fixed

    def bring_up(self, report: "Callable[[str], None]") -> None:
        """Start the servers, migrate, start the services, and wait until a worker is ready.

        `report` receives a line of progress for each step. A shutdown request interrupts it.
        """
        report("starting PostgreSQL and Valkey")
        self.start_servers()
        report("migrating the database")
        raise_if_shutting_down()
        self.migrate()
        raise_if_shutting_down()
        report(f"starting {', '.join(SERVICES)}")
        for name in SERVICES:
            raise_if_shutting_down()
            self.start(name)
        self.register()
        report("waiting for the worker to load its models")
        raise_if_shutting_down()
        self.wait_ready()
        raise_if_shutting_down()

    def start_servers(self) -> None:
        """Start PostgreSQL and Valkey and wait until they are ready: about a second."""
        self._postgres.prepare()
        self._valkey.prepare()
        for name in SERVERS:
            self.restart(name)

    def migrate(self) -> None:
        """Upgrade the database schema to the newest revision, however long that takes."""
        self._run("migrate", "shared.db.migrations.migrate", timeout=None)

    def register(self) -> None:
        """Register the model versions of the checkpoints folder."""
        self._run("register", "services.trainer.publishing.registration", timeout=120)

    def start(self, name: str, service: str | None = None, **env: str) -> None:
        """Start a service; `name` differs from `service` when several processes of it run."""
        spec = self._spec(name, f"services.{service or name}", env)
        self._start_functions[name] = partial(Process, spec, self._spawner, self.log)
        self.restart(name)

    def restart(self, name: str) -> None:
        """Start a program with its original settings, and stop it first if it is running."""
        self.stop(name)
        self._processes[name] = self._start_functions[name]()

    def process(self, name: str) -> Process:
        """The current process of a program that was started and neither stopped nor killed."""
        return self._processes[name]

    def stop(self, name: str) -> None:
        """Stop a program, and kill it if it does not stop; no-op if it is not running."""
        process = self._processes.pop(name, None)
        if process is not None:
            process.stop(SERVER_STOP_TIMEOUT if name in SERVERS else STOP_TIMEOUT)

    def kill(self, name: str) -> None:
        """Send SIGKILL to a program, which simulates a crash."""
        self._processes.pop(name).kill()

    def stop_services(self) -> None:
        """Stop all services in parallel."""
        names = [name for name in self._processes if name not in SERVERS]
        for name in names:
            self._processes[name].request_stop()
        deadline = time.monotonic() + STOP_TIMEOUT
        for name in names:
            self._processes.pop(name).stop(max(0.0, deadline - time.monotonic()))

    def unexpected_exits(self) -> dict[str, int]:
        """Programs that exited without a request, with their exit codes."""
        codes = {name: process.returncode for name, process in self._processes.items()}
        return {name: code for name, code in codes.items() if code is not None}

    def wait_ready(self, timeout: float = 90.0, *, workers: int = 1) -> None:
        """Wait until the gateway reaches both servers, and workers serve its default model.

        Raises:
            StartupFailed: a program exited, or the stack was not ready in time.
        """
        deadline = time.monotonic() + timeout
        with httpx.Client(base_url=self.url, trust_env=False) as client:
            while not _is_ready(client, workers):
                for name in self.unexpected_exits():
                    reason = self._reason(self._processes[name])
                    raise StartupFailed(f"{name} exited during startup: {reason}")
                if time.monotonic() > deadline:
                    raise StartupFailed(f"Not ready after {timeout:.0f} s: {self._reason()}")
                time.sleep(0.1)

    def _spec(self, name: str, module: str, env: dict[str, str]) -> ProgramSpec:
        return ProgramSpec(name=name, command=[sys.executable, "-m", module], env=self.env() | env)

    def _run(self, name: str, module: str, *, timeout: float | None) -> None:
        """Run a program to completion."""
        process = Process(self._spec(name, module, {}), self._spawner, self.log)
        try:
            code = process.wait(timeout)
        finally:
            process.stop(timeout=1)
        if code != 0:
            raise StackError(f"{name} failed with exit code {code}: {self._reason(process)}")

    def _reason(self, process: Process | None = None) -> str:
        """What the user has to know: the disk is full, or the program's last line and the log."""
        if disk.is_nearly_full(self.state_dir.path):
            return disk.full_disk(self.state_dir.path)
        last_line = f"{process.last_line} " if process and process.last_line else ""
        return f"{last_line}(see {self.state_dir.path / 'log'})"


def _is_ready(client: httpx.Client, workers: int) -> bool:
    """Whether PostgreSQL and Redis are available, and enough workers serve the default model.

    If the checkpoints folder has no such model, or the workers cannot load it, they have to serve
    or to refuse every other one.
    """
    try:
        readiness = client.get("/readyz").json()
    except (httpx.TransportError, ValueError):
        return False
    if readiness.get("redis") != "ok" or readiness["workers"] < workers:
        return False
    if not workers:
        return True
    models = readiness["models"]
    default = [model for model in models if model["is_default"] and model["state"] != "refused"]
    if default:
        return all(model["workers"] >= workers for model in default)
    return all(model["state"] != "waiting" for model in models)
