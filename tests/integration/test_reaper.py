"""The lease reaper with a real PostgreSQL."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.dispatcher.reaper import OUTAGE_SECONDS, Reaper
from shared.db.database import SERVER_SETTINGS, Database
from shared.db.job_queue.leases import ShardLeases
from shared.errors import Unavailable
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


async def test_while_nothing_can_be_written_and_shortly_after_nothing_is_reaped(
    fixture: JobFixture,
) -> None:
    """PostgreSQL answers with a full disk, but no worker can renew its leases."""
    await fixture.create()
    await fixture.claim(lease_duration=EXPIRED)
    reaper = Reaper(fixture.database, outage_grace_seconds=60)
    for grace_ends in (False, True):
        reaper._not_before = 0.0 if grace_ends else reaper._not_before
        async with full_disk(fixture.database):
            with pytest.raises(Unavailable):
                await reaper.step()
        await reaper.step()
        assert await fixture.num_queued() == 0
    reaper._not_before = 0.0
    await reaper.step()
    assert (await fixture.claim()).crashes == 1


async def test_during_the_grace_a_write_that_fails_prolongs_it(fixture: JobFixture) -> None:
    await fixture.create()
    await fixture.claim(lease_duration=EXPIRED)
    reaper = Reaper(fixture.database, outage_grace_seconds=60)
    reaper._not_before = before = time.monotonic() + 1
    await reaper.step()
    assert reaper._not_before == before
    async with full_disk(fixture.database):
        with pytest.raises(Unavailable):
            await reaper.step()
    assert reaper._not_before > before + 50
    assert await fixture.num_queued() == 0


async def test_a_shard_that_cannot_be_reaped_does_not_block_the_others(
    fixture: JobFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, *_ = [await fixture.create() for _ in range(2)]
    for _ in range(2):
        await fixture.claim(lease_duration=EXPIRED)
    reap = ShardLeases.reap

    async def fail_for_one(leases: ShardLeases, job_id: UUID, *arguments: Any) -> None:  # noqa: ANN401 - passed on
        if job_id == broken.id:
            raise RuntimeError("unexpected")
        await reap(leases, job_id, *arguments)

    monkeypatch.setattr(ShardLeases, "reap", fail_for_one)
    await Reaper(fixture.database, outage_grace_seconds=0).step()
    assert await fixture.num_queued() == 1


@asynccontextmanager
async def full_disk(database: Database) -> AsyncIterator[None]:
    """Let PostgreSQL reject every change of a shard, as it does if its disk is full."""
    async with database.connection() as connection:
        await connection.execute(
            text(
                "CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
            )
        )
        await connection.execute(
            text(
                "CREATE TRIGGER disk_is_full BEFORE UPDATE ON shards"
                " EXECUTE FUNCTION disk_is_full()"
            )
        )
        yield
        await connection.execute(text("DROP FUNCTION disk_is_full() CASCADE"))
