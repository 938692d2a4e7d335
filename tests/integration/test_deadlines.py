"""Deadlines with a real PostgreSQL: a job that passes its deadline ends as expired."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text

from ostinato.schemas.events import JobEvent
from ostinato.schemas.jobs import GenerationJob, JobState
from services.dispatcher.deadlines import Deadlines
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.generation_jobs import GenerationJobs
from shared.db.job_queue import job_counts
from shared.db.job_queue.cancellation import PAST_DEADLINE_LIMIT
from shared.errors import Conflict
from shared.outbox_publisher import OutboxPublisher
from tests.support.jobs import JobFixture

COUNT_AND_FINISH_BEFORE_0018 = text("""
    WITH counted AS (
        SELECT jobs.id, jobs.state, jobs.num_items, jobs.succeeded + new.succeeded AS succeeded,
            jobs.failed + new.failed AS failed, jobs.cancelled + new.cancelled AS cancelled,
            CAST(new.error AS jsonb) AS error
        FROM jobs JOIN unnest(
            CAST(:ids AS uuid[]), CAST(:succeeded AS integer[]), CAST(:failed AS integer[]),
            CAST(:cancelled AS integer[]), CAST(:errors AS text[])
        ) AS new (id, succeeded, failed, cancelled, error) USING (id)
    ), updated AS (
        UPDATE jobs SET succeeded = counted.succeeded, failed = counted.failed,
            cancelled = counted.cancelled, error = coalesce(jobs.error, counted.error),
            state = CASE WHEN NOT has_ended THEN jobs.state
                WHEN counted.cancelled > 0 OR counted.state = 'cancelling' THEN 'cancelled'
                WHEN counted.failed = 0 THEN 'succeeded'
                WHEN counted.succeeded > 0 THEN 'partial' ELSE 'failed' END,
            finished_at = CASE WHEN has_ended THEN now() END
        FROM counted, LATERAL (
            SELECT counted.succeeded + counted.failed + counted.cancelled = counted.num_items
        ) AS totals (has_ended)
        WHERE jobs.id = counted.id
        RETURNING jobs.*, totals.has_ended
    )
    INSERT INTO outbox (job_id, kind, payload)
    SELECT id, 'job', jsonb_build_object('state', state, 'pause_count', pause_count)
    FROM updated WHERE has_ended AND cardinality(CAST(:announced AS uuid[])) = 0
""")
"""How processes end a job that do not know the columns of the migration 0018."""


async def create(fixture: JobFixture, count: int, deadline_seconds: int | None) -> GenerationJob:
    new_job = fixture.new_job(count)
    request = new_job.request.model_copy(update={"deadline_seconds": deadline_seconds})
    async with fixture.database.transaction() as connection:
        return await GenerationJobs(connection).create(
            replace(new_job, request=request, original_request=request)
        )


async def pass_deadlines(fixture: JobFixture) -> None:
    """Let the shorter ones of the owner's deadlines be over."""
    statement = "UPDATE jobs SET deadline_at = deadline_at - interval '1 min' WHERE owner = :owner"
    async with fixture.database.transaction() as connection:
        await connection.execute(text(statement), {"owner": fixture.owner})


async def ids_in_state(fixture: JobFixture, state: JobState) -> list[UUID]:
    """The owner's jobs that the list with this filter has."""
    async with fixture.database.transaction() as connection:
        page = await GenerationJobs(connection).page(
            fixture.owner, before=None, limit=9, state=state
        )
    return [job.id for job in page]


async def test_a_job_past_its_deadline_expires_and_keeps_its_melodies(
    database: Database, publisher: OutboxPublisher, streams: EventStreams
) -> None:
    fixture = JobFixture(database)
    late = await create(fixture, 130, 1)
    in_time = await create(fixture, 1, 3600)
    without_deadline = await create(fixture, 1, None)
    first = await fixture.claim()
    second = await fixture.claim()
    assert await fixture.finish(first)
    await pass_deadlines(fixture)
    await Deadlines(database, publisher).step()
    assert (await fixture.get(late.id)).state is JobState.CANCELLING
    assert await fixture.finish(second, num_finished=0), "its worker drops it, as if cancelled"
    ended = await fixture.get(late.id)
    assert (ended.state, ended.succeeded) == (JobState.EXPIRED, 64)
    assert (ended.expired, ended.cancelled) == (66, 0)
    assert ended.cancel_seconds is not None
    for other in (in_time, without_deadline):
        assert (await fixture.get(other.id)).state is JobState.QUEUED
    await Deadlines(database, publisher).step()
    await publisher.publish([late.id])
    events = await streams.read(late.id, 0)
    states = [event.state for event in events if isinstance(event, JobEvent)]
    assert states[-2:] == [JobState.CANCELLING, JobState.EXPIRED]


async def test_expired_and_cancelled_jobs_are_listed_apart(
    database: Database, publisher: OutboxPublisher
) -> None:
    fixture = JobFixture(database)
    expired, cancelled = await create(fixture, 1, 1), await create(fixture, 1, 3600)
    await pass_deadlines(fixture)
    await Deadlines(database, publisher).step()
    await fixture.cancel(cancelled.id)
    assert await ids_in_state(fixture, JobState.EXPIRED) == [expired.id]
    assert await ids_in_state(fixture, JobState.CANCELLED) == [cancelled.id]
    with pytest.raises(Conflict, match="already expired"):
        await fixture.cancel(expired.id)


async def test_a_worker_that_does_not_know_the_state_ends_an_expired_job(
    database: Database, publisher: OutboxPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixture = JobFixture(database)
    job = await create(fixture, 2, 1)
    shard = await fixture.claim()
    await pass_deadlines(fixture)
    await Deadlines(database, publisher).step()
    monkeypatch.setattr(job_counts, "_COUNT_AND_FINISH", COUNT_AND_FINISH_BEFORE_0018)
    assert await fixture.finish(shard, num_finished=1)
    ended = await fixture.get(job.id)
    assert (ended.state, ended.succeeded, ended.expired) == (JobState.EXPIRED, 1, 1)
    async with database.transaction() as connection:
        stored = await connection.scalar(
            text("SELECT state FROM jobs WHERE id = :id"), {"id": job.id}
        )
    assert stored == "cancelled", "a gateway that does not know the state can read it"


async def test_jobs_past_their_deadline_end_in_one_pass_and_cost_the_next_owner_nothing(
    database: Database, publisher: OutboxPublisher
) -> None:
    fixture = JobFixture(database)
    for _ in range(2 * PAST_DEADLINE_LIMIT + 1):
        await create(fixture, 1, 1)
    await pass_deadlines(fixture)
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
