"""What is at the end of its lifetime is deleted; favourites and what is in use stay."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from ostinato.schemas.jobs import JobKind
from services.dispatcher.due_work import DueWork
from services.dispatcher.retention import Purge
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.primers import Primers
from shared.db.retention import expiry, job_deletion
from shared.db.tickets import StreamTickets
from tests.support.jobs import JobFixture
from tests.support.midi import an_inspection
from tests.support.servers.gateway import gateway
from tests.support.servers.retention import retention
from tests.support.trainings import TrainingFixture, metrics_at
from tests.support.versions import add_version

LIFETIME_DAYS = 3.0


async def age(database: Database, table: str, column: str, row_id: UUID, days: float) -> None:
    """Let a row be some days older."""
    async with database.transaction() as connection:
        statement = (
            f"UPDATE {table} SET {column} = {column} - CAST(:age AS interval) WHERE id = :id"  # noqa: S608 - constants
        )
        await connection.execute(text(statement), {"age": timedelta(days=days), "id": row_id})


async def finished_job(fixture: JobFixture, days: float, count: int = 3) -> UUID:
    """A job that ended so many days ago."""
    job = await fixture.create(count)
    await fixture.finish(await fixture.claim())
    await age(fixture.database, "jobs", "finished_at", job.id, days)
    return job.id


async def exists(database: Database, job_id: UUID) -> bool:
    async with database.connection() as connection:
        statement = text("SELECT count(*) FROM jobs WHERE id = :id")
        return bool(await connection.scalar(statement, {"id": job_id}))


async def num_rows(database: Database, table: str, job_id: UUID) -> int:
    async with database.connection() as connection:
        statement = text(f"SELECT count(*) FROM {table} WHERE job_id = :id")  # noqa: S608 - constants
        return int(await connection.scalar(statement, {"id": job_id}) or 0)


async def test_only_expired_jobs_are_deleted(
    backends: Stack, database: Database, streams: EventStreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With pages of one row, the next page begins after the one before."""
    monkeypatch.setattr(expiry, "PAGE_SIZE", 1)
    monkeypatch.setattr(expiry, "_ENDED", text(expiry._ENDED.text.replace("LIMIT 200", "LIMIT 1")))
    fixture = JobFixture(database)
    old = [await finished_job(fixture, LIFETIME_DAYS + 0.1) for _ in range(3)]
    young, unfinished = await finished_job(fixture, LIFETIME_DAYS - 0.1), await fixture.create()
    await retention(database, generation_lifetime_days=LIFETIME_DAYS).step()
    assert [await exists(database, job_id) for job_id in old] == [False] * 3
    assert [await exists(database, job_id) for job_id in (young, unfinished.id)] == [True] * 2
    await Purge(database, streams).step()
    assert [await num_rows(database, "melodies", job_id) for job_id in (*old, young)] == [
        *(0, 0, 0),
        3,
    ]
    await fixture.check_counters()


async def test_without_a_lifetime_music_is_kept(backends: Stack, database: Database) -> None:
    job_id = await finished_job(JobFixture(database), 10_000)
    await retention(database).step()
    assert await exists(database, job_id)


async def test_a_favourite_stays_with_its_job(
    backends: Stack, database: Database, streams: EventStreams
) -> None:
    fixture = JobFixture(database)
    async with gateway(backends, fixture.owner, generation_lifetime_days=LIFETIME_DAYS) as http:
        job_id = await finished_job(fixture, LIFETIME_DAYS + 1)
        [first, second, _] = (await http.get(f"/v1/jobs/{job_id}/melodies")).json()["items"]
        job = (await http.get(f"/v1/jobs/{job_id}")).json()
        assert first["expires_at"] == job["expires_at"] < job["created_at"]
        favourite = await http.put(f"/v1/melodies/{second['id']}/favourite")
        assert favourite.json()["expires_at"] is None
        step = retention(database, generation_lifetime_days=LIFETIME_DAYS).step
        for _ in range(2):
            await step()
            await Purge(database, streams).step()
            listed = (await http.get("/v1/melodies")).json()["items"]
            assert [item["id"] for item in listed] == [second["id"]]
        assert (await http.get(f"/v1/jobs/{job_id}")).status_code == 200
        await http.delete(f"/v1/melodies/{second['id']}/favourite")
        await step()
        assert (await http.get("/v1/melodies")).json()["items"] == []
        assert (await http.get(f"/v1/jobs/{job_id}")).status_code == 404


async def test_jobs_with_favourites_are_trimmed_in_bounded_transactions(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixture = JobFixture(database)
    job_id = await finished_job(fixture, 1, count=5)
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE melodies SET favourite = true WHERE job_id = :id AND index = 2"),
            {"id": job_id},
        )
    small = tuple(
        text(statement.text.replace(f"LIMIT {job_deletion.ROWS_PER_PURGE}", "LIMIT 3"))
        for statement in job_deletion._ROWS_BESIDE_FAVOURITES
    )
    monkeypatch.setattr(job_deletion, "_ROWS_BESIDE_FAVOURITES", small)
    deleted = []
    for _ in range(3):
        async with database.transaction() as connection:
            deleted.append(await job_deletion.purge_beside_favourites(connection, [job_id]))
    assert deleted == [3 + 1, 1, 0]  # the shard, too
    assert await num_rows(database, "melodies", job_id) == 1


async def test_a_failed_training_is_deleted_and_a_version_keeps_its_training(
    backends: Stack, database: Database, streams: EventStreams
) -> None:
    fixture = TrainingFixture(database)
    failed, trained = await fixture.create(), await fixture.create()
    job = await fixture.claim()
    await fixture.add_metrics(job, metrics_at(1))
    await fixture.cancel(failed)
    await fixture.release(job)
    await fixture.finish(await fixture.claim())
    for training in (failed, trained):
        await age(database, "jobs", "finished_at", training.id, 31)
    await retention(database).step()
    await Purge(database, streams).step()
    assert [await exists(database, training.id) for training in (failed, trained)] == [False, True]
    assert await num_rows(database, "training_metrics", failed.id) == 0
    version = await add_version(database, training_id=trained.id)
    await retention(database, training_lifetime_days=30).step()
    assert await exists(database, trained.id)
    async with database.transaction() as connection:
        statement = text("DELETE FROM models WHERE version = :version")
        await connection.execute(statement, {"version": version})
    await retention(database, training_lifetime_days=30).step()
    assert not await exists(database, trained.id)


async def test_primers_of_idle_owners_expire(backends: Stack, database: Database) -> None:
    busy, idle = JobFixture(database), JobFixture(database)
    await busy.create()
    ids = []
    async with database.transaction() as connection:
        for owner in (busy.owner, idle.owner):
            primer = await Primers(connection).add(owner, uuid4().hex, an_inspection())
            ids.append((primer.id, owner))
    for primer_id, _ in ids:
        await age(database, "primers", "created_at", primer_id, 2)
    step = retention(database, primer_lifetime_days=1).step
    await step()
    async with database.connection() as connection:
        found = [len(await Primers(connection).facts({it}, owner)) for it, owner in ids]
    assert found == [1, 0]


async def test_expired_tickets_are_deleted(backends: Stack, database: Database) -> None:
    async with database.transaction() as connection:
        await StreamTickets(connection).issue("owner", uuid4())
        await connection.execute(text("UPDATE tickets SET expires_at = now() - interval '1 day'"))
    await retention(database).step()
    async with database.connection() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM tickets")) == 0


async def test_the_dispatcher_finds_deleted_jobs_until_they_are_purged(
    database: Database, streams: EventStreams
) -> None:
    fixture = TrainingFixture(database)
    training = await fixture.create()
    await fixture.cancel(training)
    await Purge(database, streams).step()
    assert not await has_deletions(database)
    async with database.transaction() as connection:
        await job_deletion.delete_job(connection, training.id, fixture.owner, JobKind.TRAINING)
    assert await has_deletions(database)
    await Purge(database, streams).step()
    assert not await has_deletions(database)


async def has_deletions(database: Database) -> bool:
    """Whether the dispatcher finds something to purge."""
    due = DueWork(database, timedelta(days=1))
    await due.look()
    return due.deletions.is_set()
