"""Jobs in the real PostgreSQL: accepted once, moved legally, cancelled and brought to an end."""

from itertools import product

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ostinato.schemas.jobs import LEGAL_MOVES, JobState
from shared.db.database import Database
from shared.db.jobs import Jobs
from shared.errors import Conflict, IdempotencyMismatch, NotFound
from tests.orders import Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def test_a_job_is_cut_into_shards_of_64(desk: Desk) -> None:
    await desk.accept(130)
    sizes = [(await desk.claim()).count for _ in range(3)]
    assert sizes == [64, 64, 2]


async def test_the_same_key_and_body_give_the_same_job(desk: Desk) -> None:
    first, second = await desk.accept(3, key="k"), await desk.accept(3, key="k")
    assert first.id == second.id
    assert len(await desk.waiting()) == 1


async def test_the_same_key_with_another_body_is_refused(desk: Desk) -> None:
    await desk.accept(3, key="k")
    with pytest.raises(IdempotencyMismatch):
        await desk.accept(4, key="k")


async def test_two_owners_may_use_the_same_key(database: Database) -> None:
    one, other = Desk(database), Desk(database)
    assert (await one.accept(key="k")).id != (await other.accept(key="k")).id


async def test_somebody_elses_job_is_not_found(desk: Desk, database: Database) -> None:
    job = await desk.accept()
    with pytest.raises(NotFound):
        await Desk(database).job(job.id)


async def test_the_queue_position_counts_the_shards_ahead(desk: Desk) -> None:
    await desk.accept(130)
    later = await desk.accept()
    assert (await desk.job(later.id)).queue_position == 3


async def test_pages_are_newest_first_and_end(desk: Desk) -> None:
    jobs = [await desk.accept() for _ in range(3)]
    async with desk.database.transaction() as connection:
        repository = Jobs(connection)
        first = await repository.page(desk.owner, before=None, limit=2, state=None)
        rest = await repository.page(desk.owner, before=first[-1].id, limit=2, state=None)
        none = await repository.page(desk.owner, before=None, limit=9, state=JobState.FAILED)
    assert [job.id for job in first + rest] == [job.id for job in reversed(jobs)]
    assert none == []


async def test_a_finished_job_has_succeeded(desk: Desk) -> None:
    job = await desk.accept(2)
    assert await desk.finish(await desk.claim())
    done = await desk.job(job.id)
    assert (done.state, done.succeeded) == (JobState.SUCCEEDED, 2)
    assert done.started_at is not None
    assert done.finished_at is not None


async def test_cancelling_a_queued_job_ends_it(desk: Desk) -> None:
    job = await desk.accept(70)
    cancelled = await desk.cancel(job.id)
    assert (cancelled.state, cancelled.cancelled) == (JobState.CANCELLED, 70)
    assert await desk.waiting() == []


async def test_cancelling_a_running_job_waits_for_its_worker_and_keeps_what_is_finished(
    desk: Desk,
) -> None:
    job = await desk.accept(70)
    claim = await desk.claim()
    asked = await desk.cancel(job.id)
    assert (asked.state, asked.cancelled) == (JobState.CANCELLING, 6)
    assert await desk.finish(claim, made=10)
    done = await desk.job(job.id)
    assert (done.state, done.succeeded, done.cancelled) == (JobState.CANCELLED, 10, 60)


async def test_cancelling_twice_changes_nothing(desk: Desk) -> None:
    job = await desk.accept()
    assert (await desk.cancel(job.id)) == (await desk.cancel(job.id))


async def test_a_job_that_has_ended_cannot_be_cancelled(desk: Desk) -> None:
    job = await desk.accept()
    await desk.finish(await desk.claim())
    with pytest.raises(Conflict):
        await desk.cancel(job.id)


async def test_unfinished_melodies_are_counted(desk: Desk) -> None:
    await desk.accept(5)
    await desk.finish(await desk.claim())
    await desk.accept(70)
    async with desk.database.transaction() as connection:
        assert await Jobs(connection).unfinished_melodies(desk.owner) == 70


@pytest.mark.parametrize(("old", "new"), list(product(JobState, JobState)))
async def test_the_database_allows_the_legal_moves_and_no_other(
    desk: Desk, old: JobState, new: JobState
) -> None:
    job = await desk.accept()
    legal = old is new or new in LEGAL_MOVES.get(old, ())
    async with desk.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE jobs DISABLE TRIGGER jobs_move_legally"))
        await connection.execute(text(f"UPDATE jobs SET state = '{old}' WHERE id = '{job.id}'"))  # noqa: S608
        await connection.execute(text("ALTER TABLE jobs ENABLE TRIGGER jobs_move_legally"))
    move = text(f"UPDATE jobs SET state = '{new}' WHERE id = '{job.id}'")  # noqa: S608
    if legal:
        async with desk.database.transaction() as connection:
            await connection.execute(move)
    else:
        with pytest.raises(IntegrityError, match="must not move"):
            async with desk.database.transaction() as connection:
                await connection.execute(move)
