"""Generation jobs with a real PostgreSQL: idempotency, states, cancellation."""

from itertools import product

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ostinato.schemas.generations import MAX_MELODIES
from ostinato.schemas.jobs import TRANSITIONS, JobState
from shared.db.database import Database
from shared.db.generation_jobs import GenerationJobs
from shared.db.generation_shards import GenerationShards
from shared.db.job_queue.job_store import JobStore
from shared.db.job_queue.pending import pending_items
from shared.db.job_queue.results import ShardResults
from shared.db.job_queue.submissions import submit
from shared.errors import Conflict, IdempotencyMismatch, NotFound
from tests.support.jobs import JobFixture, melody


@pytest.fixture
def fixture(database: Database) -> JobFixture:
    return JobFixture(database)


async def test_a_job_has_shards_of_at_most_64_melodies(fixture: JobFixture) -> None:
    await fixture.create(130)
    sizes = [(await fixture.claim()).num_items for _ in range(3)]
    assert sizes == [64, 64, 2]


async def test_one_statement_inserts_the_largest_job(fixture: JobFixture) -> None:
    """The gateway submits without a transaction: what is inserted later could be missing."""
    new_job = fixture.new_job(MAX_MELODIES)
    async with fixture.database.driver_connection() as connection:
        submission = await submit(connection, new_job)
    assert submission.job_id == new_job.job_id
    assert await fixture.num_queued() == len(new_job.shards) == 157


async def test_the_same_idempotency_key_and_body_return_the_same_job(fixture: JobFixture) -> None:
    first, second = await fixture.create(3, key="k"), await fixture.create(3, key="k")
    assert first.id == second.id
    assert await fixture.num_queued() == 1


async def test_the_same_idempotency_key_with_another_body_is_rejected(fixture: JobFixture) -> None:
    await fixture.create(3, key="k")
    with pytest.raises(IdempotencyMismatch):
        await fixture.create(4, key="k")


async def test_two_owners_may_use_the_same_key(database: Database) -> None:
    one, other = JobFixture(database), JobFixture(database)
    assert (await one.create(key="k")).id != (await other.create(key="k")).id


async def test_a_job_of_another_owner_is_not_found(fixture: JobFixture, database: Database) -> None:
    job = await fixture.create()
    with pytest.raises(NotFound):
        await JobFixture(database).get(job.id)


async def test_the_queue_position_counts_the_shards_ahead(fixture: JobFixture) -> None:
    await fixture.create(130)
    later = await fixture.create()
    assert (await fixture.get(later.id)).queue_position == 3


async def test_pages_are_newest_first_and_end(fixture: JobFixture) -> None:
    created = [await fixture.create() for _ in range(3)]
    async with fixture.database.transaction() as connection:
        repository = GenerationJobs(connection)
        first = await repository.page(fixture.owner, before=None, limit=2, state=None)
        rest = await repository.page(fixture.owner, before=first[-1].id, limit=2, state=None)
        none = await repository.page(fixture.owner, before=None, limit=9, state=JobState.FAILED)
    assert [job.id for job in first + rest] == [job.id for job in reversed(created)]
    assert none == []


async def test_a_job_succeeds_with_its_last_melody(fixture: JobFixture) -> None:
    job = await fixture.create(2)
    assert await fixture.finish(await fixture.claim())
    done = await fixture.get(job.id)
    assert (done.state, done.succeeded) == (JobState.SUCCEEDED, 2)
    assert done.started_at is not None
    assert done.finished_at is not None


async def test_cancelling_a_queued_job_ends_it(fixture: JobFixture) -> None:
    job = await fixture.create(70)
    cancelled = await fixture.cancel(job.id)
    assert (cancelled.state, cancelled.cancelled) == (JobState.CANCELLED, 70)
    assert await fixture.num_queued() == 0


async def test_cancelling_a_running_job_keeps_finished_melodies(
    fixture: JobFixture,
) -> None:
    job = await fixture.create(70)
    shard = await fixture.claim()
    cancelling = await fixture.cancel(job.id)
    assert (cancelling.state, cancelling.cancelled) == (JobState.CANCELLING, 6)
    assert await fixture.finish(shard, num_finished=10)
    done = await fixture.get(job.id)
    assert (done.state, done.succeeded, done.cancelled) == (JobState.CANCELLED, 10, 60)


async def test_cancelling_is_idempotent(fixture: JobFixture) -> None:
    job = await fixture.create()
    assert (await fixture.cancel(job.id)) == (await fixture.cancel(job.id))


async def test_a_job_that_has_ended_cannot_be_cancelled(fixture: JobFixture) -> None:
    job = await fixture.create()
    await fixture.finish(await fixture.claim())
    with pytest.raises(Conflict):
        await fixture.cancel(job.id)


async def test_pending_melodies_are_counted(fixture: JobFixture) -> None:
    await fixture.create(5)
    await fixture.finish(await fixture.claim())
    await fixture.create(70)
    assert await num_pending(fixture) == [70]
    await fixture.check_counters()


async def num_pending(fixture: JobFixture) -> list[int]:
    """The queued and running items that an autoscaler sees in the fixture's queue, by model."""
    async with fixture.database.connection() as connection:
        pending = await pending_items(connection)
    return [items for queue, _, items in pending if queue == fixture.queue]


async def test_paused_melodies_are_not_pending(fixture: JobFixture) -> None:
    job = await fixture.create(70)
    shard = await fixture.claim()
    async with fixture.database.transaction() as connection:
        await JobStore(connection).pause(job.id)
    assert await num_pending(fixture) == [64]
    await fixture.commit(ShardResults(shard=shard, melodies=[melody(shard, 0)]))
    async with fixture.database.transaction() as connection:
        await GenerationShards(connection).release(shard)
    assert await num_pending(fixture) == [0]
    await fixture.check_counters()
    async with fixture.database.transaction() as connection:
        await JobStore(connection).resume(job.id)
    assert await num_pending(fixture) == [69]
    await fixture.check_counters()
    async with fixture.database.transaction() as connection:
        await JobStore(connection).pause(job.id)
    await fixture.cancel(job.id)
    assert await num_pending(fixture) == []
    await fixture.check_counters()


STORED_STATES = [state for state in JobState if state is not JobState.EXPIRED]
"""Expired jobs are stored as cancelled, with a mark."""


@pytest.mark.parametrize(("old", "new"), list(product(STORED_STATES, STORED_STATES)))
async def test_the_database_rejects_illegal_transitions(
    fixture: JobFixture, old: JobState, new: JobState
) -> None:
    job = await fixture.create()
    is_legal = old is new or new in TRANSITIONS.get(old, ())
    async with fixture.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE jobs DISABLE TRIGGER jobs_check_transition"))
        await connection.execute(text(f"UPDATE jobs SET state = '{old}' WHERE id = '{job.id}'"))  # noqa: S608
        await connection.execute(text("ALTER TABLE jobs ENABLE TRIGGER jobs_check_transition"))
    statement = text(f"UPDATE jobs SET state = '{new}' WHERE id = '{job.id}'")  # noqa: S608
    if is_legal:
        async with fixture.database.transaction() as connection:
            await connection.execute(statement)
    else:
        with pytest.raises(IntegrityError, match="must not move"):
            async with fixture.database.transaction() as connection:
                await connection.execute(statement)
