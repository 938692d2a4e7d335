"""Fixtures of all tests: the real servers, alone or with Ostinato's services on them."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from deploy.local.stack import SERVICES, Stack
from ostinato.client import Client
from shared.broker.celery_client import TaskSender
from shared.broker.notifier import QueueNotifier
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.outbox_publisher import OutboxPublisher
from tests.support.servers.stacks import RestorableStack, Servers, StackOnServers, start_services
from tests.support.tmp import world_traversable_dir

pytest_plugins = [
    "tests.support.plugins.file_access_guard",
    "tests.support.plugins.garbage_collection",
    "tests.support.plugins.state_folders",
    "tests.support.plugins.tiers",
]

os.environ.setdefault("OMP_NUM_THREADS", "1")
"""One thread for each process: small networks gain little from more, and the cores are shared."""

ROOT = Path(__file__).parents[1]


def _test_checkpoints() -> Path:
    """A folder with the smallest model only: a worker needs seconds to load the others."""
    folder = ROOT / "var" / "test-checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        (folder / "mini").symlink_to(ROOT / "checkpoints" / "mini")
    return folder


CHECKPOINTS = _test_checkpoints()


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """PostgreSQL and Valkey, on which each stack has its own database."""
    with world_traversable_dir() as folder, Servers(folder) as servers:
        yield servers


@pytest.fixture(scope="session")
def backends(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A database with the newest schema, and a Redis database, without the services."""
    folder = tmp_path_factory.mktemp("backends")
    with StackOnServers(folder, servers, checkpoints_dir=CHECKPOINTS) as stack:
        yield stack


@pytest.fixture(scope="session")
def stack(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole stack, with every shipped version and one of random weights, ready.

    Tests must not stop parts of it.
    """
    from tests.support.random_model import (  # noqa: PLC0415 - imports torch, which takes a second
        RANDOM,
        write_random_model,
    )

    folder = tmp_path_factory.mktemp("stack")
    checkpoints = folder / "checkpoints"
    write_random_model(checkpoints / RANDOM)
    for card in (ROOT / "checkpoints").glob("*/card.json"):
        (checkpoints / card.parent.name).symlink_to(card.parent)
    with StackOnServers(folder / "var", servers, checkpoints_dir=checkpoints) as stack:
        start_services(stack, SERVICES)
        yield stack


@pytest.fixture(scope="session")
def restorable_stack() -> Iterator[RestorableStack]:
    """A whole stack on servers of its own; tests use it through `isolated_stack`."""
    with world_traversable_dir() as folder:
        checkpoints = folder / "checkpoints"
        shutil.copytree(ROOT / "checkpoints" / "mini", checkpoints / "mini")
        with RestorableStack(folder / "var", checkpoints_dir=checkpoints) as stack:
            stack.start_all()
            yield stack


@pytest.fixture
def isolated_stack(restorable_stack: RestorableStack) -> Iterator[RestorableStack]:
    """A stack on servers of its own; a test may stop, kill or replace any part of it."""
    yield restorable_stack
    restorable_stack.restore()


@pytest.fixture(scope="session")
def training_stack(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack without a worker; a test that stops a service must restart it."""
    folder = tmp_path_factory.mktemp("training")
    checkpoints = folder / "checkpoints"
    shutil.copytree(ROOT / "checkpoints" / "mini", checkpoints / "mini")
    with StackOnServers(folder / "var", servers, checkpoints_dir=checkpoints) as stack:
        start_services(stack, ("gateway", "dispatcher", "trainer"))
        yield stack


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
    publisher = OutboxPublisher(database, streams, QueueNotifier(task_sender))
    yield publisher
    await publisher.drain(5)
