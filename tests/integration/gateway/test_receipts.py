"""The receipt of a job over HTTP: its leases, attempts, weights, seeds and hashes."""

import hashlib
from collections.abc import Sequence
from uuid import UUID, uuid4

from sqlalchemy import text

from deploy.local.stack import Stack
from ostinato.schemas.jobs import JobState
from ostinato.schemas.receipts import JobReceipt, LeaseEnding
from shared.db.generation_shards import ClaimedShard, GenerationShards
from shared.db.job_queue.results import ShardResults
from shared.db.workers import WorkerRow, Workers
from tests.support.jobs import EXPIRED, melody, new_worker
from tests.support.servers.batches import BatchFixture
from tests.support.servers.gateway import gateway

MAX_LEASES = 20
"""How many leases a shard keeps (migration 0018)."""


async def receipts(fixture: BatchFixture, job_id: UUID, limit: int = 20) -> list[JobReceipt]:
    """All pages of a receipt."""
    pages: list[JobReceipt] = []
    cursor: str | None = None
    while not pages or cursor is not None:
        params = {"limit": str(limit)} | ({} if cursor is None else {"cursor": cursor})
        response = await fixture.http.get(f"/v1/jobs/{job_id}/receipt", params=params)
        assert response.status_code == 200, response.text
        pages.append(JobReceipt.model_validate(response.json()))
        cursor = pages[-1].next_cursor
    return pages


def endings(page: JobReceipt) -> list[list[LeaseEnding | None]]:
    return [[lease.ending for lease in shard.leases] for shard in page.shards]


async def claim(fixture: BatchFixture, max_items: int = 1) -> Sequence[ClaimedShard]:
    return await fixture.claim_many(max_items, models=[fixture.version])


async def test_it_has_every_lease_and_how_it_ended(fixture: BatchFixture) -> None:
    job_id = await fixture.submit(fixture.lines(2))
    [stale] = await fixture.claim_many(1, models=[fixture.version], lease_duration=EXPIRED)
    await fixture.reap(stale)
    [faulty] = await claim(fixture)
    async with fixture.database.transaction() as connection:
        await connection.execute(
            text("UPDATE shards SET crashes = 0 WHERE job_id = :id"), {"id": job_id}
        )
        await GenerationShards(connection).report_crash(faulty, "it crashed")
    [released] = await claim(fixture)
    async with fixture.database.transaction() as connection:
        await GenerationShards(connection).release(released)
    worker = new_worker()
    async with fixture.database.transaction() as connection:
        row = WorkerRow(
            id=worker.id,
            name="7@host",
            engine_stats={},
            loaded_models={},
            numerics={},
            load_errors={},
        )
        await Workers(connection).upsert_heartbeat(row)
        [last] = await GenerationShards(connection).claim(
            fixture.queue, [fixture.version], worker=worker, max_items=1
        )
    assert await fixture.finish(last)
    [page] = await receipts(fixture, job_id)
    [shard] = page.shards
    assert (page.state, shard.attempts) == (JobState.SUCCEEDED, 4)
    assert endings(page) == [
        [
            LeaseEnding.LEASE_EXPIRED,
            LeaseEnding.CRASHED,
            LeaseEnding.RELEASED,
            LeaseEnding.FINISHED,
        ]
    ]
    assert [lease.attempt for lease in shard.leases] == [1, 2, 3, 4]
    assert (shard.leases[-1].worker_id, shard.leases[-1].worker) == (worker.id, "7@host")
    moments = [(lease.claimed_at, lease.ended_at) for lease in shard.leases]
    assert all(ended_at is not None and start <= ended_at for start, ended_at in moments)


async def test_it_has_the_weights_seed_and_hash_of_each_melody(fixture: BatchFixture) -> None:
    job_id = await fixture.submit(fixture.lines(3, seed=5))
    [shard] = await claim(fixture)
    await fixture.commit(ShardResults(shard=shard, melodies=[melody(shard, 0), melody(shard, 2)]))
    [page] = await receipts(fixture, job_id)
    [part] = page.shards
    assert [(it.index, it.custom_id, it.seed) for it in part.melodies] == [
        (0, "c0", 7),
        (2, "c2", 9),
    ]
    for it in part.melodies:
        assert it.sha256 == hashlib.sha256(b"MThd").hexdigest()
        assert (it.model, it.model_sha256, it.numerics) == (fixture.version, "0" * 64, "test")
        assert (it.attempt, it.partial) == (1, False)
        assert it.request is not None
        assert (it.request["seed"], it.request["bars"]) == (5, 1)
    assert endings(page) == [[None]], "the worker still holds the shard"
    assert (page.succeeded, page.num_items) == (2, 3)


async def test_it_is_paged_by_shards(fixture: BatchFixture) -> None:
    job_id = await fixture.submit(fixture.lines(150))
    await fixture.finish_all()
    pages = await receipts(fixture, job_id, limit=1)
    assert [[shard.first_index for shard in page.shards] for page in pages] == [
        [0],
        [64],
        [128],
        [],
    ]
    indices = [it.index for page in pages for shard in page.shards for it in shard.melodies]
    assert indices == list(range(150))


async def test_a_cancelled_job_says_how_long_its_engine_took(fixture: BatchFixture) -> None:
    job_id = await fixture.submit(fixture.lines(65))
    [shard] = await claim(fixture)
    await fixture.change(job_id, "cancel")
    before = (await receipts(fixture, job_id))[0]
    assert (before.state, before.cancel_seconds) == (JobState.CANCELLING, None)
    assert await fixture.finish(shard, num_finished=3)
    [page] = await receipts(fixture, job_id)
    assert (page.state, page.succeeded, page.cancelled) == (JobState.CANCELLED, 3, 62)
    assert endings(page) == [[LeaseEnding.CANCELLED], []]
    batch = await fixture.batch(job_id)
    assert batch["cancel_seconds"] == page.cancel_seconds
    assert page.cancel_seconds is not None


async def test_the_last_leases_are_kept(fixture: BatchFixture) -> None:
    job_id = await fixture.submit(fixture.lines(1))
    for _ in range(MAX_LEASES + 2):
        [shard] = await claim(fixture)
        async with fixture.database.transaction() as connection:
            await GenerationShards(connection).release(shard)
    [page] = await receipts(fixture, job_id)
    assert page.shards[0].attempts == MAX_LEASES + 2
    assert [lease.attempt for lease in page.shards[0].leases] == list(range(3, MAX_LEASES + 3))


async def test_jobs_of_other_kinds_have_one(fixture: BatchFixture) -> None:
    body = {"notes": [[0, 480, 60, 80]]}
    job_id = UUID((await fixture.http.post("/v1/engravings", json=body)).json()["id"])
    claimed = "UPDATE shards SET state = 'running', attempt = 1, worker_id = id WHERE job_id = :id"
    async with fixture.database.transaction() as connection:
        await connection.execute(text(claimed), {"id": job_id})
    [page] = await receipts(fixture, job_id)
    assert page.kind == "engraving"
    assert page.request["notes"] == body["notes"]
    assert endings(page) == [[None]]


async def test_another_owner_does_not_get_it(fixture: BatchFixture, backends: Stack) -> None:
    job_id = await fixture.submit(fixture.lines(1))
    async with gateway(backends, uuid4().hex) as other:
        response = await other.get(f"/v1/jobs/{job_id}/receipt")
    assert (response.status_code, response.json()["code"]) == (404, "job_not_found")
