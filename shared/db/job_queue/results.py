"""Commits the results of many shards in one transaction (group commit).

Locks are taken in the order that all transactions follow: jobs, shards, counters of owners. Nothing
is written for a shard whose lease the worker has lost: another worker generates it again.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Row, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.jobs import JobError, JobState, ShardState
from shared.db.job_queue.claims import start_jobs
from shared.db.job_queue.job_counts import NewResults, count_results
from shared.db.job_queue.leased_shard import LeasedShard
from shared.db.job_queue.pending import subtract_pending
from shared.db.melodies import Melodies
from shared.db.new_melody import FinishedMelodies, NewMelody
from shared.db.tables.job_tables import item_errors

_LOCK_JOBS = text("""
    SELECT id, state FROM jobs WHERE id = ANY(CAST(:job_ids AS uuid[]))
    ORDER BY id FOR NO KEY UPDATE
""")
# LATERAL, because a join may read all running shards of all workers.
_LOCK_SHARDS = text("""
    SELECT shard.* FROM (
        SELECT id, attempt FROM unnest(CAST(:ids AS uuid[]), CAST(:attempts AS integer[]))
            AS held (id, attempt) ORDER BY id
    ) AS held CROSS JOIN LATERAL (
        SELECT id, owner, queue, model, size - ended_items AS unfinished FROM shards
        WHERE id = held.id AND attempt = held.attempt AND state = 'running'
        FOR NO KEY UPDATE
    ) AS shard
""")
# An isolated shard that makes progress is not what crashes its processes.
_END_ITEMS = text("""
    UPDATE shards SET ended_items = shards.ended_items + ended.items,
        failed_attempts = CASE WHEN ended.items > 0 AND isolated_attempt = attempt
            THEN 0 ELSE failed_attempts END,
        state = coalesce(ended.state, shards.state),
        worker_id = CASE WHEN ended.state IS NULL THEN shards.worker_id END,
        lease_expires_at = CASE WHEN ended.state IS NULL THEN shards.lease_expires_at END
    FROM unnest(CAST(:ids AS uuid[]), CAST(:items AS integer[]), CAST(:states AS text[]))
        AS ended (id, items, state)
    WHERE shards.id = ended.id
""")
_KNOWN_ITEMS = text("""
    SELECT melodies.job_id, melodies.index FROM melodies
    JOIN unnest(CAST(:job_ids AS uuid[]), CAST(:indices AS integer[])) AS new (job_id, index)
        USING (job_id, index)
    UNION ALL
    SELECT item_errors.job_id, item_errors.index FROM item_errors
    JOIN unnest(CAST(:job_ids AS uuid[]), CAST(:indices AS integer[])) AS new (job_id, index)
        USING (job_id, index)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemError:
    """An item that no worker can generate."""

    index: int
    custom_id: str | None
    error: JobError


@dataclass(slots=True, kw_only=True)
class ShardResults:
    """What became final in one shard since its previous commit."""

    shard: LeasedShard
    melodies: list[NewMelody] = field(default_factory=list)
    errors: list[ItemError] = field(default_factory=list)
    num_cancelled: int = 0
    partial: list[NewMelody] = field(default_factory=list)
    """The complete bars of melodies that are counted in `num_cancelled`, now or later."""
    streamed: bool = False
    """Whether the event stream of the job contains the notes."""
    is_batch: bool = False
    """Whether the event stream has counts instead of melodies."""
    has_ended: bool = False
    """Whether no item of the shard is left."""

    @property
    def num_items(self) -> int:
        """The number of items that ended."""
        return len(self.melodies) + len(self.errors) + self.num_cancelled


async def commit_results(
    connection: AsyncConnection,
    results: Sequence[ShardResults],
    *,
    announced: Collection[UUID] = (),
    is_repetition: bool = False,
) -> set[UUID]:
    """Write the results of the shards that the worker still holds; returns those that it lost.

    `announced`: the batches whose event streams get their new counts.
    `is_repetition`: whether the same results may have been written before, by a transaction whose
    reply was lost.
    """
    held = await _lock(connection, results)
    kept = [result for result in results if result.shard.shard_id in held]
    if is_repetition:
        await _drop_known_items(connection, kept)
    if kept:
        await Melodies(connection).add(*map(_new_melodies, kept))
        await insert_item_errors(
            connection, ((result.shard.job_id, item) for result in kept for item in result.errors)
        )
        await _end_items(connection, kept, held)
        await _count(connection, kept, announced)
    return {result.shard.shard_id for result in results} - held.keys()


async def _lock(
    connection: AsyncConnection, results: Sequence[ShardResults]
) -> dict[UUID, Row[tuple[object, ...]]]:
    """Lock jobs and shards; returns the rows of the shards that the worker holds."""
    job_ids = sorted({result.shard.job_id for result in results})
    jobs = await connection.execute(_LOCK_JOBS, {"job_ids": job_ids})
    if queued := [row.id for row in jobs if row.state == JobState.QUEUED]:
        await start_jobs(connection, queued)  # the worker claims first, and then starts the job
    held = await connection.execute(
        _LOCK_SHARDS,
        {
            "ids": [result.shard.shard_id for result in results],
            "attempts": [result.shard.attempt for result in results],
        },
    )
    return {row.id: row for row in held}


async def _drop_known_items(connection: AsyncConnection, results: Sequence[ShardResults]) -> None:
    items = [(result.shard.job_id, index) for result in results for index in _indices(result)]
    rows = await connection.execute(
        _KNOWN_ITEMS,
        {"job_ids": [job_id for job_id, _ in items], "indices": [index for _, index in items]},
    )
    known = {(job_id, index) for job_id, index in rows}
    for result in results:
        job_id = result.shard.job_id
        result.melodies = [new for new in result.melodies if (job_id, new.index) not in known]
        result.partial = [new for new in result.partial if (job_id, new.index) not in known]
        result.errors = [new for new in result.errors if (job_id, new.index) not in known]


def _indices(result: ShardResults) -> Iterable[int]:
    yield from (melody.index for melody in (*result.melodies, *result.partial))
    yield from (error.index for error in result.errors)


def _new_melodies(result: ShardResults) -> FinishedMelodies:
    return FinishedMelodies(
        job_id=result.shard.job_id,
        owner=result.shard.owner,
        attempt=result.shard.attempt,
        new=[*result.melodies, *result.partial],
        streamed=result.streamed,
        has_events=not result.is_batch,
    )


async def insert_item_errors(
    connection: AsyncConnection, errors: Iterable[tuple[UUID, ItemError]]
) -> None:
    """Insert the errors of items, each with the id of its job."""
    rows = [
        {
            "job_id": job_id,
            "index": item.index,
            "custom_id": item.custom_id,
            "error": item.error.model_dump(),
        }
        for job_id, item in errors
    ]
    if rows:
        await connection.execute(insert(item_errors), rows)


async def _end_items(
    connection: AsyncConnection,
    results: Sequence[ShardResults],
    held: dict[UUID, Row[tuple[object, ...]]],
) -> None:
    await connection.execute(
        _END_ITEMS,
        {
            "ids": [result.shard.shard_id for result in results],
            "items": [result.num_items for result in results],
            "states": [_shard_state(result) for result in results],
        },
    )
    rows = [(held[result.shard.shard_id], result.num_items) for result in results]
    await subtract_pending(
        connection, [(row.owner, row.queue, row.model, items) for row, items in rows]
    )


def _shard_state(result: ShardResults) -> ShardState | None:
    """The final state of the shard; None while items are left."""
    if not result.has_ended:
        return None
    return ShardState.CANCELLED if result.num_cancelled else ShardState.SUCCEEDED


async def _count(
    connection: AsyncConnection, results: Sequence[ShardResults], announced: Collection[UUID]
) -> None:
    """Add to the counters of the jobs, and end those that have no item left."""
    by_job: dict[UUID, list[ShardResults]] = {}
    for result in results:
        by_job.setdefault(result.shard.job_id, []).append(result)
    new = [
        NewResults(
            job_id=job_id,
            succeeded=sum(len(part.melodies) for part in parts),
            failed=sum(len(part.errors) for part in parts),
            cancelled=sum(part.num_cancelled for part in parts),
            tokens=sum(melody.num_tokens for part in parts for melody in part.melodies),
            seconds=sum(melody.generation_seconds for part in parts for melody in part.melodies),
            error=next((item.error for part in parts for item in part.errors), None),
        )
        for job_id, parts in by_job.items()
    ]
    await count_results(connection, new, announced=announced)
