"""What gateway, workers, trainers and dispatcher do with the queue."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.generations import GenerationRequest
from shared.db.api_keys import ApiKeys
from shared.db.generation_shards import GenerationShards
from shared.db.job_queue.cancellation import expire_past_deadline
from shared.db.job_queue.claims import (
    claimable_queues,
    queued_queues,
    start_jobs,
)
from shared.db.job_queue.isolation import IsolatedClaims
from shared.db.job_queue.leases import ShardLeases
from shared.db.job_queue.results import ShardResults, commit_results
from shared.db.job_queue.submissions import Quota, submit
from shared.db.model_versions import ModelVersions
from shared.db.new_job import NO_MODEL, NewJob
from shared.db.operations.process_metrics import ProcessMetrics
from shared.db.outbox import Outbox, take_messages
from shared.db.trainer.trainer_jobs import TrainerJobs
from shared.db.trainer.trainers import Trainers
from shared.db.workers import WorkerRow, Workers
from tests.support.aged.database import CROWDED_MODEL, CROWDED_QUEUE, MODELS, QUEUES
from tests.support.aged.hot_path import HotPath, Prepare, World
from tests.support.aged.ids import api_key, api_key_digest, job_id, queued_job_id, worker_id
from tests.support.jobs import melody, new_worker

INTERACTIVE, BATCH = QUEUES
NEWEST = 1_000_000_000
"""A number above those of all rows."""
QUEUED_JOBS = [queued_job_id(number) for number in range(1, 201)]


def new_job(owner: str, count: int, key: str | None = None) -> NewJob[GenerationRequest]:
    request = GenerationRequest(model="v7", count=count, seed=1)
    return NewJob(
        owner=owner,
        request=request,
        original_request=request,
        queue=BATCH if count > 64 else INTERACTIVE,
        idempotency_key=key,
    )


def _submit(count: int, *, has_key: bool = False) -> Callable[..., Awaitable[Any]]:
    async def run(connection: AsyncConnection, number: int) -> None:
        owner = f"owner-{number}"
        job = new_job(owner, count, uuid4().hex if has_key else None)
        done = await submit(connection, job, quota=Quota(QUEUES, NEWEST))
        assert done.created_at is not None

    return run


async def next_number(world: World) -> int:
    return next(world.numbers)


def _claim(
    queue: str, models: tuple[str, ...], max_items: int, *, max_items_per_owner: int = 32
) -> Callable[..., Awaitable[Any]]:
    async def run(connection: AsyncConnection, _: None) -> None:
        shards = await GenerationShards(connection).claim(
            queue,
            models,
            worker=new_worker(),
            max_items=max_items,
            held_items={f"owner-{number}": 10 for number in range(20)},
            max_items_per_owner=max_items_per_owner,
        )
        assert len(shards) == max_items

    return run


def _claimed(count: int, model: str) -> Prepare:
    """Claim shards for a new worker, and return both."""

    async def prepare(world: World) -> Any:  # noqa: ANN401 - `run` knows
        worker = new_worker()
        shards = await GenerationShards(world.connection).claim(
            INTERACTIVE, [model], worker=worker, max_items=count
        )
        assert len(shards) == count
        return worker, shards

    return prepare


async def _start_jobs(connection: AsyncConnection, claimed: Any) -> None:  # noqa: ANN401
    await start_jobs(connection, [shard.job_id for shard in claimed[1]])


async def _commit(connection: AsyncConnection, claimed: Any) -> None:  # noqa: ANN401
    results = [
        ShardResults(shard=shard, melodies=[melody(shard, 0)], streamed=True, has_ended=True)
        for shard in claimed[1]
    ]
    assert await commit_results(connection, results) == set()


async def _renew(connection: AsyncConnection, claimed: Any) -> None:  # noqa: ANN401
    worker, shards = claimed
    ids = [shard.shard_id for shard in shards]
    leases = ShardLeases(connection)
    assert len(await leases.renew(worker.id, ids, timedelta(seconds=60))) == len(ids)


async def _reserve_isolated(connection: AsyncConnection, _: None) -> None:
    found = await IsolatedClaims(connection, new_worker()).reserve(list(QUEUES), MODELS)
    assert found is not None


async def _reserved(world: World) -> Any:  # noqa: ANN401 - `run` knows
    """Reserve an isolated shard for a new worker, and return both."""
    worker = new_worker()
    reservation = await IsolatedClaims(world.connection, worker).reserve(list(QUEUES), MODELS)
    assert reservation is not None
    return worker, reservation


async def _claim_isolated(connection: AsyncConnection, reserved: Any) -> None:  # noqa: ANN401
    worker, reservation = reserved
    claims = IsolatedClaims(connection, worker)
    assert await claims.reserve_shard(reservation.shard_id) == reservation
    row = await claims.claim(reservation.shard_id)
    assert row is not None
    await ShardLeases(connection).reap(row.job_id, row.id, row.attempt)


async def _claim_trainer_job(connection: AsyncConnection, _: None) -> None:
    assert await TrainerJobs(connection).claim(BATCH, new_worker()) is not None


async def _heartbeat(connection: AsyncConnection, _: None) -> None:
    await Workers(connection).upsert_heartbeat(
        WorkerRow(id=worker_id(1), name="worker", engine_stats={})
    )


async def _report(connection: AsyncConnection, _: None) -> None:
    await ProcessMetrics(connection).report(worker_id(1), "worker", "7@host", {})


async def _trainer_heartbeat(connection: AsyncConnection, _: None) -> None:
    await Trainers(connection).upsert_heartbeat(new_worker())


async def _past_deadline(connection: AsyncConnection, _: None) -> None:
    async with connection.begin_nested() as savepoint:  # so that each run finds them
        assert await expire_past_deadline(connection)
        await savepoint.rollback()


async def _expired(connection: AsyncConnection, _: None) -> None:
    assert await ShardLeases(connection).expired()


QUEUE_PATHS = (
    HotPath(name="submit one", max_rows=100, prepare=next_number, run=_submit(1)),
    HotPath(
        name="submit one with a key",
        max_rows=100,
        prepare=next_number,
        run=_submit(1, has_key=True),
    ),
    HotPath(name="submit 10,000", max_rows=2000, prepare=next_number, run=_submit(10_000)),
    HotPath(name="claim for one model", max_rows=1000, run=_claim(BATCH, MODELS[1:2], 32)),
    HotPath(name="claim for seven models", max_rows=700, run=_claim(BATCH, MODELS[1:], 32)),
    HotPath(
        name="claim in a crowded queue",
        max_rows=700,
        run=_claim(CROWDED_QUEUE, (CROWDED_MODEL,), 32),
    ),
    HotPath(
        name="claim beside owners at their limit",
        max_rows=1000,
        run=_claim(BATCH, MODELS[2:3], 1, max_items_per_owner=10),
    ),
    HotPath(name="claim one", max_rows=100, run=_claim(BATCH, MODELS[2:3], 1)),
    HotPath(name="start jobs", max_rows=200, prepare=_claimed(16, "v2"), run=_start_jobs),
    HotPath(name="commit results", max_rows=1000, prepare=_claimed(16, "v3"), run=_commit),
    HotPath(name="renew leases", max_rows=300, prepare=_claimed(16, "v4"), run=_renew),
    HotPath(name="reserve isolated", max_rows=200, run=_reserve_isolated),
    HotPath(name="claim isolated", max_rows=100, prepare=_reserved, run=_claim_isolated),
    HotPath(
        name="claimable queues",
        max_rows=20,
        run=lambda connection, _: claimable_queues(connection, QUEUES, MODELS[1:]),
    ),
    HotPath(
        name="queued trainer jobs",
        max_rows=20,
        run=lambda connection, _: queued_queues(connection, QUEUES, NO_MODEL),
    ),
    HotPath(name="claim a trainer job", max_rows=200, run=_claim_trainer_job),
    HotPath(name="expired leases", max_rows=1000, run=_expired),
    HotPath(name="past deadline", max_rows=20_000, run=_past_deadline),
    HotPath(name="heartbeat", max_rows=50, run=_heartbeat),
    HotPath(name="report of metrics", max_rows=50, run=_report),
    HotPath(name="heartbeat of a trainer", max_rows=50, run=_trainer_heartbeat),
    HotPath(
        name="cancel requested",
        max_rows=500,
        run=lambda connection, _: GenerationShards(connection).cancel_requested(worker_id(1)),
    ),
    HotPath(
        name="stop requested",
        max_rows=500,
        run=lambda connection, _: TrainerJobs(connection).stop_requested(worker_id(2)),
    ),
    HotPath(
        name="ended trainer jobs",
        max_rows=100,
        run=lambda connection, _: TrainerJobs(connection).terminal(QUEUED_JOBS[:2]),
    ),
    HotPath(
        name="outbox take",
        max_rows=4000,  # 500 messages at most
        run=lambda connection, _: take_messages(connection, QUEUED_JOBS),
    ),
    HotPath(
        name="outbox overdue",
        max_rows=2500,
        run=lambda connection, _: Outbox(connection).overdue(timedelta(seconds=1)),
    ),
    HotPath(
        name="valid keys",
        max_rows=100,
        run=lambda connection, _: ApiKeys(connection).find_valid(
            [api_key_digest(number) for number in range(20)]
        ),
    ),
    HotPath(
        name="record used keys",
        max_rows=100,
        run=lambda connection, _: ApiKeys(connection).record_use(
            [job_id(number) for number in range(1, 21)]
        ),
    ),
    HotPath(
        name="keys of an owner",
        max_rows=50,
        run=lambda connection, _: ApiKeys(connection).page("owner-1", before=None, limit=50),
    ),
    HotPath(
        name="room for a key",
        max_rows=50,
        run=lambda connection, _: ApiKeys(connection).make_room("owner-1"),
    ),
    HotPath(
        name="key by prefix",
        max_rows=50,
        run=lambda connection, _: ApiKeys(connection).get_by_prefix(api_key(7)),
    ),
    HotPath(
        name="capabilities",
        max_rows=100,
        run=lambda connection, _: ModelVersions(connection).capabilities(),
    ),
)
