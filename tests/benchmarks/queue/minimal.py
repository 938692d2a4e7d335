"""Starts the minimal service on the stack's database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.benchmarks.queue.environment import Environment, free_port, wait_until_open
from tests.benchmarks.queue.http_load import Target

MODULE = "tests.benchmarks.queue.minimal_service"
MINIMAL = "minimal FastAPI + asyncpg"


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimalService:
    """The floor, while it runs."""

    pid: int
    target: Target


@contextmanager
def minimal_service(environment: Environment) -> Iterator[MinimalService]:
    """The service, which accepts requests with the development key inside the block."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    variables = {
        "DATABASE_URL": environment.stack.database_url.replace("+asyncpg", ""),
        "REDIS_URL": environment.stack.redis_url,
        "PORT": str(port),
    }
    with environment.program(MODULE, **variables) as pid:
        wait_until_open(address)
        yield MinimalService(pid=pid, target=Target(url=address, key=environment.gateway.key))
