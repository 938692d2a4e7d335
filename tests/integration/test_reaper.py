"""The lease reaper with a real PostgreSQL."""

import pytest

from services.dispatcher.reaper import OUTAGE_SECONDS, Reaper
from shared.db.database import SERVER_SETTINGS, Database
from tests.support.jobs import EXPIRED, JobFixture


@pytest.fixture
def fixture(database: Database) -> JobFixture:
    return JobFixture(database)


async def test_an_expired_lease_is_revoked(fixture: JobFixture) -> None:
    await fixture.create()
    await fixture.claim(lease_duration=EXPIRED)
    await Reaper(fixture.database, outage_grace_seconds=60).step()
    assert (await fixture.claim()).crashes == 1


async def test_workers_can_renew_their_leases_after_an_outage(fixture: JobFixture) -> None:
    await fixture.create()
    await fixture.claim(lease_duration=EXPIRED)
    reaper = Reaper(fixture.database, outage_grace_seconds=60)
    reaper._last_success -= OUTAGE_SECONDS + 1
    await reaper.step()
    assert await fixture.num_queued() == 0
    reaper._not_before = 0.0
    await reaper.step()
    assert (await fixture.claim()).crashes == 1


async def test_a_locked_job_does_not_block_the_others(
    fixture: JobFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SERVER_SETTINGS, "lock_timeout", "200ms")  # of the connections from now on
    locked = await fixture.create()
    await fixture.create()
    await fixture.claim(lease_duration=EXPIRED)
    await fixture.claim(lease_duration=EXPIRED)
    async with fixture.database.transaction() as connection:
        await fixture.lock(connection, locked.id)
        await Reaper(fixture.database, outage_grace_seconds=0).step()
    assert await fixture.num_queued() == 1
