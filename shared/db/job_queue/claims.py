"""Claims queued shards: fair between owners, bounded by what is taken.

A claim reads the shards with the lowest ranks of each model, at most `MAX_CANDIDATES` of them. From
these it takes first those of the owners with the fewest items in the claiming process.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.job_queue.literals import LITERAL_LIMIT
from shared.worker_identity import WorkerIdentity

NO_LIMIT = 2**31 - 1
MIN_CANDIDATES = 8
MAX_CANDIDATES = 128
"""Shards of each model that one claim looks at."""

# The limits are powers of two, so there are few statements to prepare.
_CLAIM = text("""
    WITH candidates AS (
        SELECT head.* FROM unnest(CAST(:models AS text[])) AS wanted (model)
        CROSS JOIN LATERAL (
            SELECT id, model, owner, size - ended_items AS items, rank FROM shards
            WHERE queue = CAST(:queue AS text) AND model = wanted.model
                AND state = 'queued' AND crashes < 2
            ORDER BY rank, id LIMIT :limit
            FOR NO KEY UPDATE SKIP LOCKED
        ) AS head
    ), loads AS (
        SELECT candidates.*, coalesce(held.items, 0) + sum(candidates.items)
            OVER (PARTITION BY candidates.owner ORDER BY candidates.rank, candidates.id) AS load
        FROM candidates
        LEFT JOIN unnest(CAST(:owners AS text[]), CAST(:held_items AS integer[]))
            AS held (owner, items) ON held.owner = candidates.owner
    ), chosen AS (
        SELECT id, model, rank, sum(items) OVER (ORDER BY load - items, rank, id) - items
            AS items_before
        FROM loads WHERE load - items < CAST(:max_items_per_owner AS integer)
    ), claimed AS (
        UPDATE shards SET state = 'running', attempt = attempt + 1, worker_id = :worker_id,
            lease_expires_at = now() + CAST(:lease_duration AS interval)
        FROM chosen
        WHERE shards.id = chosen.id AND chosen.items_before < CAST(:max_items AS integer)
        RETURNING shards.*
    ), clocks AS (
        SELECT queue, model, max(rank) AS rank FROM claimed GROUP BY queue, model
    ), moved AS (
        INSERT INTO queue_clocks AS clock (queue, model, virtual_time)
        SELECT queue, model, rank FROM clocks ORDER BY queue, model
        ON CONFLICT (queue, model) DO UPDATE
        SET virtual_time = excluded.virtual_time WHERE clock.virtual_time < excluded.virtual_time
    )
    SELECT claimed.*, jobs.request, jobs.priority, jobs.kind, jobs.traceparent,
        extract(epoch FROM now() - jobs.created_at)::float8 AS job_age
    FROM claimed JOIN jobs ON jobs.id = claimed.job_id
    ORDER BY claimed.rank, claimed.id
""").bindparams(LITERAL_LIMIT)

_START_JOBS = text("""
    WITH queued AS (
        SELECT id FROM jobs WHERE id = ANY(CAST(:job_ids AS uuid[])) AND state = 'queued'
        ORDER BY id FOR NO KEY UPDATE
    ), started AS (
        UPDATE jobs SET state = 'running', started_at = coalesce(started_at, now())
        FROM queued WHERE jobs.id = queued.id
        RETURNING jobs.id, jobs.pause_count
    )
    INSERT INTO outbox (job_id, kind, payload)
    SELECT id, 'job', jsonb_build_object('state', 'running', 'pause_count', pause_count)
    FROM started
""")
# LATERAL with an order and a limit, because otherwise the planner may expect to find a shard soon
# in a scan of the whole table.
_CLAIMABLE = text("""
    SELECT queue FROM unnest(CAST(:queues AS text[])) AS wanted (queue) WHERE EXISTS (
        SELECT FROM unnest(CAST(:models AS text[])) AS loaded (model) CROSS JOIN LATERAL (
            SELECT FROM shards WHERE shards.queue = wanted.queue AND shards.model = loaded.model
                AND state = 'queued' AND crashes < 2
            ORDER BY rank LIMIT 1
        ) AS head
    )
""")
_QUEUED = text("""
    SELECT queue FROM unnest(CAST(:queues AS text[])) AS wanted (queue) WHERE EXISTS (
        SELECT FROM (
            SELECT FROM shards
            WHERE shards.queue = wanted.queue AND model = CAST(:model AS text)
                AND state = 'queued' AND crashes < 2
            ORDER BY rank LIMIT 1
        ) AS head
    ) OR EXISTS (
        SELECT FROM (
            SELECT FROM shards
            WHERE shards.queue = wanted.queue AND model = CAST(:model AS text)
                AND state = 'queued' AND crashes >= 2
            ORDER BY rank LIMIT 1
        ) AS head
    )
""")


async def start_jobs(connection: AsyncConnection, job_ids: Collection[UUID]) -> None:
    """Record that a part of each of these jobs was claimed; others than queued jobs stay."""
    await connection.execute(_START_JOBS, {"job_ids": sorted(set(job_ids))})


async def queued_queues(
    connection: AsyncConnection, queues: Collection[str], model: str
) -> set[str]:
    """The queues in which a shard for this model is queued, isolated or not."""
    found = await connection.scalars(_QUEUED, {"queues": list(queues), "model": model})
    return set(found)


async def claimable_queues(
    connection: AsyncConnection, queues: Collection[str], models: Collection[str]
) -> set[str]:
    """The queues in which a shard for one of these models is queued."""
    found = await connection.scalars(_CLAIMABLE, {"queues": list(queues), "models": list(models)})
    return set(found)


class Claims:
    """Claims of one worker or trainer, each in one statement."""

    def __init__(self, connection: AsyncConnection, worker: WorkerIdentity) -> None:
        self._connection = connection
        self._lease = {"worker_id": worker.id, "lease_duration": worker.lease_duration}

    async def claim(
        self,
        queue: str,
        models: Collection[str],
        *,
        max_items: int,
        held_items: Mapping[str, int] | None = None,
        max_items_per_owner: int | None = None,
    ) -> list[Row[Any]]:
        """Claim shards with about `max_items` items, in the order of their ranks.

        If most models have no queued shard, they may be fewer, and further calls claim the rest.
        `held_items` are the items that each owner has in the claiming process; no shard is claimed
        for an owner with `max_items_per_owner` of them.
        """
        held = held_items or {}
        limit = max_items_per_owner or NO_LIMIT
        wanted = min(max(2 * max_items // max(1, len(models)), MIN_CANDIDATES), MAX_CANDIDATES)
        if any(items >= limit for items in held.values()):
            # Their shards are skipped, and stay before those of a new owner. They are fewer than
            # the candidates, because virtual time advances only to the rank of a candidate.
            wanted = MAX_CANDIDATES
        parameters = {
            **self._lease,
            "queue": queue,
            "models": list(models),
            "limit": 1 << (wanted - 1).bit_length(),
            "max_items": max_items,
            "owners": list(held),
            "held_items": list(held.values()),
            "max_items_per_owner": limit,
        }
        return list(await self._connection.execute(_CLAIM, parameters))
