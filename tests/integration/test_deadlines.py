"""Deadlines with a real PostgreSQL."""

import asyncio
from dataclasses import replace

from sqlalchemy import text

from ostinato.schemas.jobs import GenerationJob, JobState
from services.dispatcher.deadlines import Deadlines
from shared.db.database import Database
from shared.db.generation_jobs import GenerationJobs
from shared.db.job_queue.cancellation import PAST_DEADLINE_LIMIT
from shared.outbox_publisher import OutboxPublisher
from tests.support.jobs import JobFixture


async def create(fixture: JobFixture, count: int, deadline_seconds: int | None) -> GenerationJob:
    new_job = fixture.new_job(count)
    request = new_job.request.model_copy(update={"deadline_seconds": deadline_seconds})
    async with fixture.database.transaction() as connection:
        return await GenerationJobs(connection).create(
            replace(new_job, request=request, original_request=request)
        )


async def test_a_job_past_its_deadline_is_cancelled_and_keeps_its_melodies(
    database: Database, publisher: OutboxPublisher
) -> None:
    fixture = JobFixture(database)
    late = await create(fixture, 130, 1)
    in_time = await create(fixture, 1, 3600)
    without_deadline = await create(fixture, 1, None)
    first = await fixture.claim()
    second = await fixture.claim()
    assert await fixture.finish(first)
    await asyncio.sleep(1.1)
    await Deadlines(database, publisher).step()
    assert (await fixture.get(late.id)).state is JobState.CANCELLING
    assert await fixture.finish(second, num_finished=0), (
        "its worker drops it, as after any cancellation"
    )
    ended = await fixture.get(late.id)
    assert (ended.state, ended.succeeded, ended.cancelled) == (JobState.CANCELLED, 64, 66)
    for other in (in_time, without_deadline):
        assert (await fixture.get(other.id)).state is JobState.QUEUED
    await Deadlines(database, publisher).step()


async def test_jobs_past_their_deadline_end_in_one_pass_and_cost_the_next_owner_nothing(
    database: Database, publisher: OutboxPublisher
) -> None:
    fixture = JobFixture(database)
    for _ in range(2 * PAST_DEADLINE_LIMIT + 1):
        await create(fixture, 1, 1)
    await asyncio.sleep(1.1)
    await Deadlines(database, publisher).step()
    assert await fixture.num_queued() == 0
    await publisher.drain(20)
    assert await num_messages(fixture) == 0
    other = JobFixture(database, fixture.queue)
    job = await other.create()
    assert (await other.get(job.id)).queue_position == 0
    assert (await other.claim()).job_id == job.id
    await fixture.check_counters()


async def num_messages(fixture: JobFixture) -> int:
    """The number of unpublished messages of the owner's jobs."""
    statement = text("""
        SELECT count(*) FROM outbox JOIN jobs ON jobs.id = outbox.job_id WHERE owner = :owner
    """)
    async with fixture.database.connection() as connection:
        return int(await connection.scalar(statement, {"owner": fixture.owner}) or 0)
