"""Claims, leases and fencing of shards with a real PostgreSQL."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from ostinato.schemas.jobs import JobState
from shared.db.database import Database
from shared.db.generation_shards import GenerationShards
from tests.support.jobs import EXPIRED, LEASE_DURATION, MODEL, JobFixture


@pytest.fixture
def fixture(database: Database) -> JobFixture:
    return JobFixture(database)


async def test_one_of_several_concurrent_claims_succeeds(fixture: JobFixture) -> None:
    await fixture.create()
    shard_id, attempt = (await fixture.queued())[0]
    claimed = await asyncio.gather(*(fixture.try_claim(shard_id, attempt) for _ in range(8)))
    assert sum(shard is not None for shard in claimed) == 1


async def test_a_stale_or_unknown_notification_claims_nothing(fixture: JobFixture) -> None:
    await fixture.create()
    shard = await fixture.claim(lease_duration=EXPIRED)
    await fixture.reap(shard)
    assert await fixture.try_claim(shard.shard_id, 0) is None
    assert await fixture.try_claim(uuid4(), 0) is None
    assert await fixture.try_claim(shard.shard_id, shard.attempt) is not None


async def test_a_valid_lease_is_not_reaped(fixture: JobFixture) -> None:
    await fixture.create()
    shard = await fixture.claim()
    await fixture.reap(shard)
    assert await fixture.finish(shard)


async def test_a_stale_attempt_changes_nothing(fixture: JobFixture) -> None:
    job = await fixture.create(3)
    stale = await fixture.claim(lease_duration=EXPIRED)
    await fixture.reap(stale)
    new = await fixture.claim()
    assert not await fixture.finish(stale)
    assert await fixture.finish(new)
    assert not await fixture.finish(new)
    assert (await fixture.get(job.id)).succeeded == 3


async def test_expired_leases_are_listed(fixture: JobFixture) -> None:
    await fixture.create()
    shard = await fixture.claim(lease_duration=EXPIRED)
    async with fixture.database.transaction() as connection:
        expired = await GenerationShards(connection).expired()
    assert (shard.job_id, shard.shard_id, shard.attempt) in expired


async def test_after_two_crashes_a_shard_is_isolated_and_after_the_third_it_fails(
    fixture: JobFixture,
) -> None:
    job = await fixture.create(2)
    for _ in range(2):
        shard = await fixture.claim(lease_duration=EXPIRED)
        assert not shard.is_isolated
        await fixture.reap(shard)
    assert await fixture.queued(allow_isolated=False) == []
    shard_id, attempt = (await fixture.queued(allow_isolated=True))[0]
    assert await fixture.try_claim(shard_id, attempt, allow_isolated=False) is None
    last = await fixture.claim(lease_duration=EXPIRED, allow_isolated=True)
    assert last.is_isolated
    await fixture.reap(last)
    done = await fixture.get(job.id)
    assert (done.state, done.failed) == (JobState.FAILED, 2)
    assert done.error is not None
    assert done.error.code == "poison"


async def test_a_job_with_melodies_and_failures_is_partial(fixture: JobFixture) -> None:
    job = await fixture.create(65)
    first, second = await fixture.claim(), await fixture.claim(lease_duration=EXPIRED)
    await fixture.finish(first)
    await fixture.reap(second)
    for _ in range(2):
        await fixture.reap(await fixture.claim(lease_duration=EXPIRED, allow_isolated=True))
    done = await fixture.get(job.id)
    assert (done.state, done.succeeded, done.failed) == (JobState.PARTIAL, 64, 1)


async def test_a_reported_crash_is_counted(fixture: JobFixture) -> None:
    await fixture.create()
    shard = await fixture.claim()
    async with fixture.database.transaction() as connection:
        await GenerationShards(connection).report_crash(shard, "the engine crashed")
    assert (await fixture.claim()).crashes == 1


async def test_a_release_counts_no_crash(fixture: JobFixture) -> None:
    await fixture.create()
    shard = await fixture.claim()
    async with fixture.database.transaction() as connection:
        await GenerationShards(connection).release(shard)
    again = await fixture.claim()
    assert (again.crashes, again.attempt) == (0, shard.attempt + 1)


@pytest.mark.parametrize("outcome", ["reaped", "released"])
async def test_a_shard_of_a_cancelled_job_is_not_queued_again(
    fixture: JobFixture, outcome: str
) -> None:
    job = await fixture.create(2)
    shard = await fixture.claim(lease_duration=EXPIRED)
    await fixture.cancel(job.id)
    if outcome == "reaped":
        await fixture.reap(shard)
    else:
        async with fixture.database.transaction() as connection:
            await GenerationShards(connection).release(shard)
    done = await fixture.get(job.id)
    assert (done.state, done.cancelled) == (JobState.CANCELLED, 2)


async def test_a_heartbeat_renews_only_leases_of_its_worker(fixture: JobFixture) -> None:
    await fixture.create(130)
    worker = uuid4()
    async with fixture.database.transaction() as connection:
        shards = GenerationShards(connection)
        queued = await shards.claim_candidates(fixture.queue, [MODEL], allow_isolated=False)
        claimed = [
            await shards.claim(
                shard_id,
                attempt,
                worker_id=worker,
                lease_duration=LEASE_DURATION,
                models=[MODEL],
                allow_isolated=False,
            )
            for shard_id, attempt in queued
        ]
        shard_ids = [shard.shard_id for shard in claimed[:2] if shard]
        renewed = await shards.renew(worker, shard_ids, timedelta(seconds=90))
        of_other_worker = await shards.renew(uuid4(), shard_ids, timedelta(seconds=90))
    assert renewed == {(shard_id, 1) for shard_id in shard_ids}
    assert of_other_worker == set()


async def test_cancel_requested_lists_the_claimed_shards_of_cancelled_jobs(
    fixture: JobFixture,
) -> None:
    job = await fixture.create()
    worker = uuid4()
    async with fixture.database.transaction() as connection:
        shards = GenerationShards(connection)
        shard_id, attempt = (
            await shards.claim_candidates(fixture.queue, [MODEL], allow_isolated=False)
        )[0]
        await shards.claim(
            shard_id,
            attempt,
            worker_id=worker,
            lease_duration=LEASE_DURATION,
            models=[MODEL],
            allow_isolated=False,
        )
        before = await shards.cancel_requested(worker)
    await fixture.cancel(job.id)
    async with fixture.database.transaction() as connection:
        assert (before, await GenerationShards(connection).cancel_requested(worker)) == (
            [],
            [shard_id],
        )


async def test_concurrent_claims_and_cancellations_do_not_deadlock(fixture: JobFixture) -> None:
    """Both lock the job before its shards; the other order would deadlock."""
    for _ in range(5):
        job = await fixture.create(200)
        queued = await fixture.queued()
        claimed, _ = await asyncio.gather(
            asyncio.gather(*(fixture.try_claim(*shard) for shard in queued)), fixture.cancel(job.id)
        )
        for shard in claimed:
            if shard is not None:
                await fixture.finish(shard, num_finished=0)
        done = await fixture.get(job.id)
        assert (done.state, done.cancelled) == (JobState.CANCELLED, 200)


async def test_a_shard_is_claimed_only_for_its_model(fixture: JobFixture) -> None:
    await fixture.create()
    shard_id, attempt = (await fixture.queued())[0]
    async with fixture.database.transaction() as connection:
        shards = GenerationShards(connection)
        assert await shards.claim_candidates(fixture.queue, ["other"], allow_isolated=True) == []
        shard = await shards.claim(
            shard_id,
            attempt,
            worker_id=uuid4(),
            lease_duration=LEASE_DURATION,
            models=["other"],
            allow_isolated=True,
        )
    assert shard is None


async def test_owners_with_the_fewest_running_shards_come_first(fixture: JobFixture) -> None:
    await fixture.create(200)
    other = JobFixture(fixture.database, fixture.queue)
    short = await other.create(1)
    first = await fixture.claim()
    assert first.owner == fixture.owner, "without running shards, the oldest is first"
    second = await fixture.claim()
    assert (second.owner, second.job_id) == (other.owner, short.id)
    third = await fixture.claim()
    assert third.owner == fixture.owner
    await other.create(1)
    assert await other.finish(second)
    assert (await fixture.claim()).owner == other.owner


async def test_isolation_pending_reports_a_queued_shard_that_needs_isolation(
    fixture: JobFixture,
) -> None:
    await fixture.create()
    for _ in range(2):
        await fixture.reap(await fixture.claim(lease_duration=EXPIRED))
    async with fixture.database.transaction() as connection:
        assert await GenerationShards(connection).isolation_pending([MODEL])
        assert not await GenerationShards(connection).isolation_pending(["other"])
    await fixture.reap(await fixture.claim(lease_duration=EXPIRED, allow_isolated=True))


async def test_cancelling_a_job_with_failures_keeps_finished_melodies(fixture: JobFixture) -> None:
    job = await fixture.create(130)
    first, second = await fixture.claim(), await fixture.claim(lease_duration=EXPIRED)
    await fixture.reap(second)
    for _ in range(2):
        await fixture.reap(await fixture.claim(lease_duration=EXPIRED, allow_isolated=True))
    third = await fixture.claim()
    await fixture.cancel(job.id)
    assert await fixture.finish(third)
    assert await fixture.finish(first)
    done = await fixture.get(job.id)
    assert (done.state, done.succeeded, done.failed) == (JobState.CANCELLED, 66, 64)
