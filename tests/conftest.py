"""What every test may ask for: the real servers, bare or with Ostinato's own services on top."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.local.stack import SERVICES, Stack
from ostinato.client import Client
from shared.broker.celery_client import Hints
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.outbox_publisher import Publisher
from tests.public_folder import public_folder

pytest_plugins = ["tests.opened_files"]

ROOT = Path(__file__).parents[1]


def _small_checkpoints() -> Path:
    """A folder with the small one alone: the others take a worker seconds to load."""
    folder = ROOT / "var" / "test-checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "mini").exists():
        (folder / "mini").symlink_to(ROOT / "checkpoints" / "mini")
    return folder


CHECKPOINTS = _small_checkpoints()

QUICK = {
    "OSTINATO_LEASE_SECONDS": "3",
    "OSTINATO_HEARTBEAT_SECONDS": "0.5",
    "OSTINATO_GRACE_SECONDS": "1.5",
}
"""A worker that is missed after three seconds instead of thirty."""


@pytest.fixture(scope="session")
def servers() -> Iterator[Stack]:
    """PostgreSQL with the newest tables, and Valkey; nothing of ours runs on them."""
    with public_folder() as folder, Stack(folder, checkpoints=CHECKPOINTS) as stack:
        stack.start_servers()
        stack.migrate()
        yield stack


@pytest.fixture(scope="session")
def house() -> Iterator[Stack]:
    """The whole of Ostinato, up and ready; tests must not stop parts of it."""
    with public_folder() as folder, Stack(folder, checkpoints=CHECKPOINTS) as stack:
        start(stack)
        yield stack


@pytest.fixture
def own_house() -> Iterator[Stack]:
    """The whole of Ostinato for one test, which may kill what it likes."""
    with public_folder() as folder, Stack(folder, checkpoints=CHECKPOINTS) as stack:
        start(stack)
        yield stack


@pytest.fixture(scope="session")
def school() -> Iterator[Stack]:
    """All that trains, and nobody who plays; whoever kills a part of it starts it again."""
    with public_folder() as folder:
        checkpoints = folder / "checkpoints"
        shutil.copytree(ROOT / "checkpoints" / "mini", checkpoints / "mini")
        with Stack(folder / "var", checkpoints=checkpoints) as stack:
            stack.start_servers()
            stack.migrate()
            stack.register()
            for service in ("gateway", "dispatcher", "trainer"):
                stack.start(service, **QUICK)
            stack.wait_ready(workers=0)
            yield stack


def start(stack: Stack) -> None:
    """Bring everything up."""
    stack.start_servers()
    stack.migrate()
    stack.register()
    for service in SERVICES:
        stack.start(service, **QUICK)
    stack.wait_ready()


def client_of(stack: Stack) -> Client:
    """A client with the developer's key."""
    return Client(stack.url, stack.key_file.read_text())


@pytest.fixture
def client(house: Stack) -> Iterator[Client]:
    with client_of(house) as client:
        yield client


@pytest.fixture
async def database(servers: Stack) -> AsyncIterator[Database]:
    database = Database(servers.database_url, pool_size=4)
    yield database
    await database.close()


@pytest.fixture
async def streams(servers: Stack) -> AsyncIterator[EventStreams]:
    streams = EventStreams(servers.redis_url)
    yield streams
    await streams.close()


@pytest.fixture
def hints(servers: Stack) -> Iterator[Hints]:
    hints = Hints(servers.redis_url)
    yield hints
    hints.close()


@pytest.fixture
async def publisher(
    database: Database, streams: EventStreams, hints: Hints
) -> AsyncIterator[Publisher]:
    """What it has begun to say is said before its connections are closed."""
    publisher = Publisher(database, streams, hints)
    yield publisher
    await publisher.finish(5)
