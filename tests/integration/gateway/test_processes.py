"""Several gateway processes on one port, with a real PostgreSQL."""

import os
import signal
import socket
import time
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import text

from deploy.local.process import Process
from deploy.local.stack import Stack
from services.gateway.keys.development_key import DEVELOPMENT_OWNER
from shared.db.database import Database
from tests.support.processes import has_exited, running, session_of, wait_until_exited

SPAWNED = "spawn_main"


def workers(parent: Process) -> set[int]:
    """The processes that serve."""
    return {pid for pid in session_of(parent.pid) if SPAWNED in command_line(pid)}


def command_line(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline") as file:  # noqa: PTH123 - vanishes with the process
            return file.read()
    except OSError:
        return ""


def is_serving(stack: Stack) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", stack.port), timeout=1):
            return True
    except OSError:
        return False


def stops_serving(stack: Stack) -> bool:
    """A helper process of multiprocessing has the socket for a moment longer than the others."""
    for _ in range(100):
        if not is_serving(stack):
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def gateway(backends: Stack) -> Iterator[Process]:
    """The parent of two serving processes, which has written a new development key."""
    backends.key_file.unlink(missing_ok=True)
    backends.start("gateway", OSTINATO_GATEWAY_PROCESSES="2")
    backends.wait_ready(workers=0)
    yield backends.process("gateway")
    backends.stop("gateway")


async def num_development_keys(database: Database) -> int:
    query = text("SELECT count(*) FROM api_keys WHERE owner = :owner")
    async with database.transaction() as connection:
        return int(await connection.scalar(query, {"owner": DEVELOPMENT_OWNER}) or 0)


async def test_two_processes_serve_with_one_development_key(
    backends: Stack, database: Database
) -> None:
    before = await num_development_keys(database)
    backends.key_file.unlink(missing_ok=True)
    backends.start("gateway", OSTINATO_GATEWAY_PROCESSES="2")
    backends.wait_ready(workers=0)
    gateway = backends.process("gateway")
    assert len(workers(gateway)) == 2
    assert await num_development_keys(database) == before + 1
    authorization = {"Authorization": f"Bearer {backends.key_file.read_text()}"}
    metrics = set()
    for _ in range(20):  # each client has a connection of its own, which any process may accept
        async with httpx.AsyncClient(base_url=backends.url, trust_env=False) as http:
            assert (await http.get("/v1/models", headers=authorization)).status_code == 200
            text_format = (await http.get("/metrics")).text
            metrics.add(tuple(line for line in text_format.splitlines() if line.startswith("# ")))
    assert len(metrics) == 1
    processes = session_of(gateway.pid)
    backends.stop("gateway")
    assert gateway.returncode == 0
    # A helper process of multiprocessing exits a moment later than the others
    assert all(wait_until_exited(pid) for pid in processes)
    assert stops_serving(backends)


def test_a_process_that_is_killed_is_replaced(backends: Stack, gateway: Process) -> None:
    killed = min(workers(gateway))
    os.kill(killed, signal.SIGKILL)
    while len(running(workers(gateway) - {killed})) < 2:
        assert gateway.running
        time.sleep(0.05)
    assert httpx.get(f"{backends.url}/healthz", trust_env=False).status_code == 200


def test_the_processes_do_not_outlive_their_parent(backends: Stack, gateway: Process) -> None:
    serving = workers(gateway)
    assert not any(has_exited(pid) for pid in serving)
    backends.kill("gateway")
    assert all(wait_until_exited(pid) for pid in serving)
    assert stops_serving(backends)
