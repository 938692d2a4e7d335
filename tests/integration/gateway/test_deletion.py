"""What a client deletes is gone from the API at once, and then from PostgreSQL and Redis."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from ostinato.schemas.events import JobEvent, MelodyEvent
from ostinato.schemas.jobs import JobError
from services.dispatcher.retention import Purge
from services.gateway.app_state import AppState
from services.gateway.event_subscription import JobEventSubscription
from services.gateway.settings import GatewaySettings
from shared.broker.streams import EventStreams
from shared.db import melodies
from shared.db.database import Database
from shared.db.generation_shards import GenerationShards
from shared.db.job_queue.results import ItemError, ShardResults
from shared.db.retention import job_deletion
from tests.support.jobs import melody
from tests.support.midi import random_midi
from tests.support.servers.batches import BatchFixture
from tests.support.servers.gateway import gateway

TABLES = (
    *("shards", "melodies", "item_errors", "deleted_melodies", "deleted_jobs", "outbox"),
    "training_metrics",
)


async def rows(database: Database, job_id: UUID) -> dict[str, int]:
    """The number of rows that a job has in each table, if there are any."""
    async with database.connection() as connection:
        counts = {
            table: await connection.scalar(
                text(f"SELECT count(*) FROM {table} WHERE job_id = :id"),  # noqa: S608 - constants
                {"id": job_id},
            )
            for table in TABLES
        }
    return {table: count for table, count in counts.items() if count}


async def melodies_of(fixture: BatchFixture, batch_id: UUID) -> list[str]:
    page = await fixture.http.get(f"/v1/batches/{batch_id}/melodies")
    return [item["id"] for item in page.json()["items"]]


async def listed(fixture: BatchFixture) -> list[str]:
    return [item["id"] for item in (await fixture.http.get("/v1/melodies")).json()["items"]]


async def statuses(fixture: BatchFixture, paths: Sequence[str]) -> list[int]:
    return [(await fixture.http.get(path)).status_code for path in paths]


async def finished_batch(fixture: BatchFixture, count: int) -> UUID:
    batch_id = await fixture.submit(fixture.lines(count))
    await fixture.finish_all()
    return batch_id


@pytest.fixture
async def app(backends: Stack) -> AsyncIterator[AppState]:
    fields = {
        "environment": "development",
        "database_url": backends.database_url,
        "redis_url": backends.redis_url,
    }
    app = AppState.open(GatewaySettings.model_validate(fields))
    yield app
    await app.close()


async def test_a_deleted_batch_is_gone_everywhere(
    fixture: BatchFixture, app: AppState, database: Database, streams: EventStreams
) -> None:
    batch_id, kept = await finished_batch(fixture, 70), await finished_batch(fixture, 1)
    await app.publisher.publish([batch_id])
    assert await streams.epoch(batch_id) is not None
    [melody_id, *_] = await melodies_of(fixture, batch_id)
    await fixture.http.put(f"/v1/melodies/{melody_id}/favourite")
    assert (await fixture.http.delete(f"/v1/batches/{batch_id}")).status_code == 204
    paths = [
        *(f"/v1/batches/{batch_id}{end}" for end in ("", "/melodies", "/errors", "/archive.zip")),
        f"/v1/jobs/{batch_id}/events",
        *(f"/v1/melodies/{melody_id}{end}" for end in ("", ".mid")),
    ]
    assert await statuses(fixture, paths) == [404] * len(paths)
    favourite = await fixture.http.put(f"/v1/melodies/{melody_id}/favourite")
    again = await fixture.http.delete(f"/v1/batches/{batch_id}")
    assert (favourite.status_code, again.status_code) == (404, 404)
    assert again.json()["code"] == "batch_not_found"
    assert await listed(fixture) == await melodies_of(fixture, kept)
    assert await streams.epoch(batch_id) is None
    assert (await rows(database, batch_id))["melodies"] == 70  # they are deleted afterwards
    await Purge(database, streams).step()
    assert await rows(database, batch_id) == {}
    assert (await rows(database, kept))["melodies"] == 1
    await fixture.check_counters()


async def test_a_page_looks_at_a_bounded_number_of_melodies_and_the_next_one_continues(
    fixture: BatchFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(melodies, "MAX_HIDDEN", 3)
    kept = await melodies_of(fixture, await finished_batch(fixture, 2))
    deleted = await finished_batch(fixture, 5)
    await fixture.http.delete(f"/v1/batches/{deleted}")
    pages: list[list[str]] = []
    cursor: str | None = None
    while not pages or cursor is not None:
        path = "/v1/melodies" if cursor is None else f"/v1/melodies?cursor={cursor}"
        page = (await fixture.http.get(path)).json()
        pages.append([item["id"] for item in page["items"]])
        cursor = page["next_cursor"]
    assert pages == [[], [kept[1]], [kept[0]]]


async def test_the_rows_are_deleted_in_bounded_transactions(
    fixture: BatchFixture, database: Database
) -> None:
    batch_id = await finished_batch(fixture, 1)
    copies = job_deletion.ROWS_PER_PURGE + 500
    async with database.transaction() as connection:
        await connection.execute(
            text("""
                INSERT INTO item_errors (job_id, index, error)
                SELECT :id, n, '{}' FROM generate_series(1, CAST(:copies AS integer)) AS n
            """),
            {"id": batch_id, "copies": copies},
        )
    assert (await fixture.http.delete(f"/v1/batches/{batch_id}")).status_code == 204
    left = []
    for _ in range(3):
        async with database.transaction() as connection:
            await job_deletion.purge(connection, [batch_id])
        left.append((await rows(database, batch_id)).get("item_errors", 0))
    assert left == [500, 0, 0]


@pytest.mark.parametrize("kind", ["batches", "jobs"])
async def test_a_job_that_has_not_ended_is_not_deleted(fixture: BatchFixture, kind: str) -> None:
    if kind == "jobs":
        body = {"model": fixture.version, "bars": 1}
        job_id = (await fixture.http.post("/v1/generations", json=body)).json()["id"]
    else:
        job_id = await fixture.submit(fixture.lines(1))
    refused = await fixture.http.delete(f"/v1/{kind}/{job_id}")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "It is queued; cancel it, and delete it when it has ended.",
    )
    await fixture.http.post(f"/v1/{kind}/{job_id}/cancel")
    assert (await fixture.http.delete(f"/v1/{kind}/{job_id}")).status_code == 204


async def test_the_idempotency_key_of_a_deleted_job_is_free(fixture: BatchFixture) -> None:
    body, headers = {"model": fixture.version, "bars": 1}, {"Idempotency-Key": "again"}
    ids = []
    for _ in range(2):
        job = (await fixture.http.post("/v1/generations", json=body, headers=headers)).json()
        ids.append(job["id"])
        await fixture.http.post(f"/v1/jobs/{job['id']}/cancel")
        await fixture.http.delete(f"/v1/jobs/{job['id']}")
    assert len(set(ids)) == 2


async def test_a_subscription_ends_when_its_job_is_deleted(
    fixture: BatchFixture, app: AppState, database: Database
) -> None:
    """The last event of the job was never published."""
    batch_id = await fixture.submit(fixture.lines(1))
    owner = await owner_of(database, batch_id)
    await app.publisher.publish([batch_id])
    subscription = JobEventSubscription(app, batch_id, owner)
    await subscription.resume_from(None)
    events = subscription.events()
    first = await anext(events)
    assert isinstance(first, JobEvent)
    await fixture.finish_all()
    await fixture.http.delete(f"/v1/batches/{batch_id}")
    async with asyncio.timeout(20):
        assert [event async for event in events if isinstance(event, JobEvent)] == []


async def owner_of(database: Database, job_id: UUID) -> str:
    async with database.connection() as connection:
        statement = text("SELECT owner FROM jobs WHERE id = :id")
        return str(await connection.scalar(statement, {"id": job_id}))


async def test_a_deleted_melody_is_gone_from_lists_archives_and_streams(
    fixture: BatchFixture, app: AppState, database: Database, streams: EventStreams
) -> None:
    body = {"model": fixture.version, "bars": 1, "count": 3, "priority": "batch"}
    job_id = UUID((await fixture.http.post("/v1/generations", json=body)).json()["id"])
    await fixture.finish_all()
    await app.publisher.publish([job_id])
    items = (await fixture.http.get(f"/v1/jobs/{job_id}/melodies")).json()["items"]
    deleted = items[1]["id"]
    assert (await fixture.http.delete(f"/v1/melodies/{deleted}")).status_code == 204
    again = await fixture.http.delete(f"/v1/melodies/{deleted}")
    assert (again.status_code, again.json()["code"]) == (404, "melody_not_found")
    assert await listed(fixture) == [items[2]["id"], items[0]["id"]]
    archive = await fixture.http.get(f"/v1/jobs/{job_id}/archive.zip")
    with zipfile.ZipFile(io.BytesIO(archive.content)) as files:
        assert len([name for name in files.namelist() if name.endswith(".mid")]) == 2
    assert await streams.epoch(job_id) is None
    subscription = JobEventSubscription(app, job_id, await owner_of(database, job_id))
    await subscription.resume_from(None)
    async with asyncio.timeout(20):
        received = [event async for event in subscription.events()]
    assert [event.melody for event in received if isinstance(event, MelodyEvent)] == [0, 2]
    assert (await fixture.http.get(f"/v1/jobs/{job_id}")).json()["succeeded"] == 3


async def test_a_melody_of_a_running_job_is_not_deleted(fixture: BatchFixture) -> None:
    """The job would generate it again after a crash."""
    batch_id = await fixture.submit(fixture.lines(2))
    [shard] = await fixture.claim_many(1, models=[fixture.version])
    await fixture.commit(ShardResults(shard=shard, melodies=[melody(shard, 0)]))
    [melody_id] = await melodies_of(fixture, batch_id)
    refused = await fixture.http.delete(f"/v1/melodies/{melody_id}")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert await melodies_of(fixture, batch_id) == [melody_id]


async def test_a_deleted_melody_of_a_failed_shard_is_no_failure(
    fixture: BatchFixture, database: Database
) -> None:
    """The items of a shard that failed as poison have no rows; those without a melody failed."""
    batch_id = await fixture.submit(fixture.lines(3))
    [shard] = await fixture.claim_many(1, models=[fixture.version])
    error = ItemError(index=1, custom_id="c1", error=JobError(code="invalid_primer", detail="No."))
    await fixture.commit(ShardResults(shard=shard, melodies=[melody(shard, 0)], errors=[error]))
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE shards SET failed_attempts = 2 WHERE id = :id"), {"id": shard.shard_id}
        )
        await GenerationShards(connection).report_failed_attempt(shard, "It was killed.")
    [melody_id] = await melodies_of(fixture, batch_id)
    assert (await fixture.http.delete(f"/v1/melodies/{melody_id}")).status_code == 204
    errors = (await fixture.http.get(f"/v1/batches/{batch_id}/errors")).json()["items"]
    assert [(item["index"], item["error"]["code"]) for item in errors] == [
        (1, "invalid_primer"),
        (2, "poison"),
    ]


@pytest.mark.parametrize("use", ["job", "uniform batch", "batch of lines"])
async def test_a_primer_is_deleted_unless_an_unfinished_job_uses_it(
    fixture: BatchFixture, use: str
) -> None:
    uploaded = await fixture.http.post("/v1/primers", content=random_midi(1))
    primer_id = uploaded.json()["id"]
    request = {"model": fixture.version, "bars": 1, "primer_id": primer_id}
    if use == "job":
        path = "/v1/jobs"
        job_id = (await fixture.http.post("/v1/generations", json=request)).json()["id"]
    elif use == "uniform batch":
        path = "/v1/batches"
        body = {"count": 2, "request": request}
        job_id = (await fixture.http.post(path, json=body)).json()["id"]
    else:
        path = "/v1/batches"
        job_id = str(await fixture.submit(fixture.lines(2, primer_id=primer_id)))
    refused = await fixture.http.delete(f"/v1/primers/{primer_id}")
    assert (refused.status_code, job_id in refused.json()["detail"]) == (409, True)
    await fixture.http.post(f"{path}/{job_id}/cancel")
    assert (await fixture.http.delete(f"/v1/primers/{primer_id}")).status_code == 204
    again = await fixture.http.delete(f"/v1/primers/{primer_id}")
    assert (again.status_code, again.json()["code"]) == (404, "primer_not_found")
    rejected = await fixture.http.post("/v1/generations", json=request)
    assert (rejected.status_code, rejected.json()["code"]) == (404, "primer_not_found")


async def test_another_owner_deletes_nothing(fixture: BatchFixture, backends: Stack) -> None:
    batch_id = await finished_batch(fixture, 1)
    [melody_id] = await melodies_of(fixture, batch_id)
    async with gateway(backends, "another") as http:
        for path in (f"/v1/batches/{batch_id}", f"/v1/melodies/{melody_id}"):
            assert (await http.delete(path)).status_code == 404
    assert await melodies_of(fixture, batch_id) == [melody_id]
