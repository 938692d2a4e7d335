"""An upgrade without a pause: the schema and then the services change while clients submit jobs."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from deploy.local.stack import SERVICES
from shared.db.database import Database
from tests.conftest import CHECKPOINTS, client_of
from tests.support.chaos.load import BackgroundLoad, files_of_requests
from tests.support.servers.previous_release import MixedStack, unpack_previous_release
from tests.support.servers.stacks import EMPTY, Servers, wait_until_registered

SEED = 0
pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def old_stack(servers: Servers, tmp_path: Path) -> Iterator[MixedStack]:
    """The previous release, with its schema."""
    old_code = tmp_path / "previous-release"
    old_code.mkdir()
    unpack_previous_release(old_code)
    folder = tmp_path / "var"
    with MixedStack(folder, servers, checkpoints_dir=CHECKPOINTS, template=EMPTY) as stack:
        stack.old_code = old_code
        stack.old_services = frozenset({"migrate", *SERVICES})
        stack.migrate()
        stack.run(old=frozenset(SERVICES), new=frozenset())
        wait_until_registered(stack)
        yield stack


async def revision(stack: MixedStack) -> str:
    database = Database(stack.database_url, pool_size=1)
    async with database.connection() as connection:
        found: str = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    await database.close()
    return found


def test_no_job_is_lost_during_an_upgrade(old_stack: MixedStack) -> None:
    load = BackgroundLoad(old_stack, seed=SEED)
    load.start()
    old_stack.old_services = frozenset()
    old = asyncio.run(revision(old_stack))
    old_stack.migrate()
    assert asyncio.run(revision(old_stack)) > old
    for service in ("dispatcher", "worker", "trainer", "gateway"):
        old_stack.run(old=frozenset(), new=frozenset({service}))
    load.stop()
    with client_of(old_stack) as client:
        found = load.check(client, files_of_requests(client))
    assert found["jobs"] > 0
    assert (found["lost"], found["doubled"], found["changed"]) == (0, 0, 0)
