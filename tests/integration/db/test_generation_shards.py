"""Claims, leases and fencing of shards with a real PostgreSQL."""

import asyncio
from datetime import timedelta

import pytest

from ostinato.schemas.jobs import JobError, JobState
from shared.db.database import Database
from shared.db.generation_shards import GenerationShards
from shared.db.job_queue.results import ItemError, ShardResults, commit_results
from tests.support.jobs import EXPIRED, MODEL, JobFixture, melody, new_worker


@pytest.fixture
def fixture(database: Database) -> JobFixture:
    return JobFixture(database)


async def test_one_of_several_concurrent_claims_succeeds(fixture: JobFixture) -> None:
    await fixture.create()
    claimed = await asyncio.gather(*(fixture.try_claim() for _ in range(8)))
    assert sum(shard is not None for shard in claimed) == 1


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


async def test_a_job_with_melodies_and_failures_is_partial(fixture: JobFixture) -> None:
    job = await fixture.create(65)
    first, second = await fixture.claim(), await fixture.claim()
    await fixture.finish(first)
    await fixture.poison(second)
    done = await fixture.get(job.id)
    assert (done.state, done.succeeded, done.failed) == (JobState.PARTIAL, 64, 1)


async def test_a_job_keeps_its_error_if_other_shards_end_later(fixture: JobFixture) -> None:
    job = await fixture.create(65)
    first, second = await fixture.claim(), await fixture.claim()
    await fixture.poison(second)
    await fixture.finish(first)
    done = await fixture.get(job.id)
    assert (done.state, done.failed) == (JobState.PARTIAL, 1)
    assert done.error is not None
    assert done.error.code == "poison"


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
    worker, other = new_worker(), new_worker()
    async with fixture.database.connection() as connection:
        shards = GenerationShards(connection)
        claimed = await shards.claim(fixture.queue, [MODEL], worker=worker, max_items=65)
        shard_ids = [shard.shard_id for shard in claimed]
        renewed = await shards.renew(worker.id, shard_ids, timedelta(seconds=90))
        of_other_worker = await shards.renew(other.id, shard_ids, timedelta(seconds=90))
    assert renewed == {(shard_id, 1) for shard_id in shard_ids}
    assert (len(renewed), of_other_worker) == (2, set())


async def test_cancel_requested_lists_the_claimed_shards_of_cancelled_jobs(
    fixture: JobFixture,
) -> None:
    job = await fixture.create()
    worker = new_worker()
    async with fixture.database.connection() as connection:
        shards = GenerationShards(connection)
        [shard] = await shards.claim(fixture.queue, [MODEL], worker=worker, max_items=1)
        before = await shards.cancel_requested(worker.id)
        await fixture.cancel(job.id)
        after = await shards.cancel_requested(worker.id)
    assert (before, after) == ([], [shard.shard_id])


async def test_concurrent_claims_and_cancellations_do_not_deadlock(fixture: JobFixture) -> None:
    """A claim locks shards only, and skips those that are locked."""
    for _ in range(5):
        job = await fixture.create(200)
        claimed, _ = await asyncio.gather(
            asyncio.gather(*(fixture.try_claim() for _ in range(4))), fixture.cancel(job.id)
        )
        for shard in claimed:
            if shard is not None:
                await fixture.finish(shard, num_finished=0)
        done = await fixture.get(job.id)
        assert (done.state, done.cancelled) == (JobState.CANCELLED, 200)


async def test_a_shard_is_claimed_only_for_its_model(fixture: JobFixture) -> None:
    await fixture.create()
    assert await fixture.try_claim(models=["other"]) is None
    assert await fixture.try_claim(models=["other", MODEL]) is not None


async def test_melodies_are_committed_as_they_finish(fixture: JobFixture) -> None:
    job = await fixture.create(3)
    shard = await fixture.claim()
    part = ShardResults(shard=shard, melodies=[melody(shard, 1)])
    assert await fixture.commit(part)
    current = await fixture.get(job.id)
    assert (current.state, current.succeeded) == (JobState.RUNNING, 1)
    await fixture.check_counters()


async def test_a_new_attempt_gets_only_the_items_that_have_not_ended(fixture: JobFixture) -> None:
    job = await fixture.create(4)
    shard = await fixture.claim(lease_duration=EXPIRED)
    error = ItemError(index=2, custom_id=None, error=JobError(code="invalid_primer", detail="x"))
    await fixture.commit(ShardResults(shard=shard, melodies=[melody(shard, 1)], errors=[error]))
    await fixture.reap(shard)
    again = await fixture.claim()
    assert [item.index for item in again.items] == [0, 3]
    assert await fixture.finish(again)
    done = await fixture.get(job.id)
    assert (done.state, done.succeeded, done.failed) == (JobState.PARTIAL, 3, 1)
    assert done.error == error.error
    await fixture.check_counters()


async def test_a_commit_whose_reply_was_lost_can_be_repeated(fixture: JobFixture) -> None:
    job = await fixture.create(2)
    shard = await fixture.claim()
    for is_repetition in (False, True):
        part = ShardResults(shard=shard, melodies=[melody(shard, 0)])
        async with fixture.database.transaction() as connection:
            assert await commit_results(connection, [part], is_repetition=is_repetition) == set()
    assert (await fixture.get(job.id)).succeeded == 1
    await fixture.check_counters()


async def test_a_repeated_commit_counts_cancelled_items_once(fixture: JobFixture) -> None:
    job = await fixture.create(4)
    shard = await fixture.claim()
    await fixture.cancel(job.id)
    lost = []
    for is_repetition in (False, True):
        end = ShardResults(
            shard=shard, melodies=[melody(shard, 0)], num_cancelled=3, has_ended=True
        )
        async with fixture.database.transaction() as connection:
            lost.append(await commit_results(connection, [end], is_repetition=is_repetition))
    done = await fixture.get(job.id)
    assert lost == [set(), {shard.shard_id}]
    assert (done.state, done.succeeded, done.cancelled) == (JobState.CANCELLED, 1, 3)
    await fixture.check_counters()


async def test_shards_of_many_jobs_are_committed_together_and_a_lost_one_is_left_out(
    fixture: JobFixture,
) -> None:
    jobs = [await fixture.create() for _ in range(3)]
    shards = await fixture.claim_many(3)
    assert await fixture.finish(shards[1])
    results = [
        ShardResults(shard=shard, melodies=[melody(shard, 0)], has_ended=True) for shard in shards
    ]
    assert not await fixture.commit(*results)
    done = [await fixture.get(job.id) for job in jobs]
    assert [(job.state, job.succeeded) for job in done] == [(JobState.SUCCEEDED, 1)] * 3
    await fixture.check_counters()


async def test_cancelling_a_job_with_failures_keeps_finished_melodies(fixture: JobFixture) -> None:
    job = await fixture.create(130)
    first, second = await fixture.claim(), await fixture.claim()
    await fixture.poison(second)
    third = await fixture.claim()
    await fixture.cancel(job.id)
    assert await fixture.finish(third)
    assert await fixture.finish(first)
    done = await fixture.get(job.id)
    assert (done.state, done.succeeded, done.failed) == (JobState.CANCELLED, 66, 64)
