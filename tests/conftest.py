"""Fixtures of all tests: the real servers, alone or with Ostinato's services on them."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.stack import SERVICES, Stack
from ostinato.client import Client
from shared.broker.celery_client import TaskSender
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.outbox_publisher import OutboxPublisher
from tests.support.tmp import world_traversable_dir

pytest_plugins = ["tests.support.file_access_guard"]

ROOT = Path(__file__).parents[1]


def _test_checkpoints() -> Path:
    """A folder with the smallest model only: a worker needs seconds to load the others."""
    folder = ROOT / "var" / "test-checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "mini").exists():
        (folder / "mini").symlink_to(ROOT / "checkpoints" / "mini")
    return folder


CHECKPOINTS = _test_checkpoints()

FAST_LEASES = {
    "OSTINATO_LEASE_SECONDS": "3",
    "OSTINATO_HEARTBEAT_INTERVAL_SECONDS": "0.5",
    "OSTINATO_OUTAGE_GRACE_SECONDS": "1.5",
}
"""Leases that expire after three seconds instead of thirty."""


@pytest.fixture(scope="session")
def backends() -> Iterator[Stack]:
    """PostgreSQL with the newest schema, and Valkey, without the services."""
    with world_traversable_dir() as folder, Stack(folder, checkpoints_dir=CHECKPOINTS) as stack:
        stack.start_servers()
        stack.migrate()
        yield stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole stack, ready; tests must not stop parts of it."""
    with world_traversable_dir() as folder, Stack(folder, checkpoints_dir=CHECKPOINTS) as stack:
        start(stack)
        yield stack


@pytest.fixture
def isolated_stack() -> Iterator[Stack]:
    """The whole stack for one test, which may stop or kill any part of it."""
    with world_traversable_dir() as folder, Stack(folder, checkpoints_dir=CHECKPOINTS) as stack:
        start(stack)
        yield stack


@pytest.fixture(scope="session")
def training_stack() -> Iterator[Stack]:
    """The stack without a worker; a test that stops a part of it must restart it."""
    with world_traversable_dir() as folder:
        checkpoints = folder / "checkpoints"
        shutil.copytree(ROOT / "checkpoints" / "mini", checkpoints / "mini")
        with Stack(folder / "var", checkpoints_dir=checkpoints) as stack:
            stack.start_servers()
            stack.migrate()
            stack.register()
            for service in ("gateway", "dispatcher", "trainer"):
                stack.start(service, **FAST_LEASES)
            stack.wait_ready(workers=0)
            yield stack


def start(stack: Stack) -> None:
    """Start everything, with short leases."""
    stack.start_servers()
    stack.migrate()
    stack.register()
    for service in SERVICES:
        stack.start(service, **FAST_LEASES)
    stack.wait_ready()


def client_of(stack: Stack) -> Client:
    """A client with the development key."""
    return Client(stack.url, stack.key_file.read_text())


@pytest.fixture
def client(stack: Stack) -> Iterator[Client]:
    with client_of(stack) as client:
        yield client


@pytest.fixture
async def database(backends: Stack) -> AsyncIterator[Database]:
    database = Database(backends.database_url, pool_size=4)
    yield database
    await database.close()


@pytest.fixture
async def streams(backends: Stack) -> AsyncIterator[EventStreams]:
    streams = EventStreams(backends.redis_url)
    yield streams
    await streams.close()


@pytest.fixture
def task_sender(backends: Stack) -> Iterator[TaskSender]:
    task_sender = TaskSender(backends.redis_url)
    yield task_sender
    task_sender.close()


@pytest.fixture
async def publisher(
    database: Database, streams: EventStreams, task_sender: TaskSender
) -> AsyncIterator[OutboxPublisher]:
    """Pending messages are published before the connections are closed."""
    publisher = OutboxPublisher(database, streams, task_sender)
    yield publisher
    await publisher.drain(5)
