"""The reaper on the real PostgreSQL: it takes back what ended, and does not judge an outage."""

import pytest

from services.dispatcher.reaper import BLIND_SECONDS, Reaper
from shared.db.database import Database
from tests.orders import ENDED, Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def test_a_lease_that_ended_is_taken_back(desk: Desk) -> None:
    await desk.accept()
    await desk.claim(lease=ENDED)
    await Reaper(desk.database, grace_seconds=60).step()
    assert (await desk.claim()).crashes == 1


async def test_after_an_outage_workers_have_time_to_renew(desk: Desk) -> None:
    await desk.accept()
    await desk.claim(lease=ENDED)
    reaper = Reaper(desk.database, grace_seconds=60)
    reaper._last_look -= BLIND_SECONDS + 1
    await reaper.step()
    assert await desk.waiting() == []
    reaper._not_before = 0.0
    await reaper.step()
    assert (await desk.claim()).crashes == 1


async def test_a_locked_job_does_not_hold_up_the_others(desk: Desk) -> None:
    locked = await desk.accept()
    await desk.accept()
    await desk.claim(lease=ENDED)
    await desk.claim(lease=ENDED)
    async with desk.database.transaction() as connection:
        await desk.lock(connection, locked.id)
        await Reaper(desk.database, grace_seconds=0).step()
    assert len(await desk.waiting()) == 1
