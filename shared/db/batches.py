"""Batches as clients see them: progress, errors by item, and what failed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.batches import Batch, BatchCounts, BatchItemError, BatchParameters
from ostinato.schemas.generations import SHARD_SIZE, GenerationRequest
from ostinato.schemas.jobs import JobError, JobKind, JobState
from shared.db.job_queue.endings import cancel_seconds, job_state, stopped_counts
from shared.db.job_queue.job_store import JobStore
from shared.db.job_queue.positions import queue_position
from shared.db.job_queue.results import ItemError, insert_item_errors
from shared.db.job_queue.shard_builder import ShardBuilder
from shared.db.new_job import NewShard
from shared.db.owner_pages import newest_of_owner
from shared.db.tables.job_tables import jobs
from shared.errors import Conflict, NotFound

INVALID_REQUEST = "invalid_request"
SHARDS_PER_PAGE = 100

_RUNNING = text("""
    SELECT job_id, sum(size - ended_items)::bigint AS items FROM shards
    WHERE state = 'running' AND job_id = ANY(CAST(:job_ids AS uuid[])) GROUP BY job_id
""")
# The items of a poisoned shard have no rows of their own: its error is theirs.
_ERRORS = text("""
    SELECT index, custom_id, error FROM item_errors
    WHERE job_id = :job_id AND index > CAST(:after AS integer)
    UNION ALL
    SELECT item.index, item.custom_id, shards.error FROM shards
    CROSS JOIN LATERAL (
        SELECT CAST(value ->> 'index' AS integer) AS index, value ->> 'custom_id' AS custom_id
        FROM jsonb_array_elements(shards.items)
        UNION ALL
        SELECT index, NULL FROM generate_series(first_index, first_index + size - 1) AS index
        WHERE shards.items IS NULL
    ) AS item
    WHERE shards.job_id = :job_id AND shards.state = 'failed'
        AND item.index > CAST(:after AS integer)
        AND NOT EXISTS (
            SELECT FROM melodies
            WHERE melodies.job_id = shards.job_id AND melodies.index = item.index
        )
        AND NOT EXISTS (
            SELECT FROM item_errors
            WHERE item_errors.job_id = shards.job_id AND item_errors.index = item.index
        )
        AND NOT EXISTS (
            SELECT FROM deleted_melodies
            WHERE deleted_melodies.job_id = shards.job_id AND deleted_melodies.index = item.index
        )
    ORDER BY index LIMIT CAST(:limit AS integer)
""")
_ITEMS = text("""
    SELECT CAST(value ->> 'index' AS integer) AS index, value FROM shards
    CROSS JOIN LATERAL jsonb_array_elements(shards.items) AS value
    WHERE shards.job_id = :job_id
        AND CAST(value ->> 'index' AS integer) = ANY(CAST(:indices AS integer[]))
""")


class Batches:
    """The batches, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._job_store = JobStore(connection)

    async def get(self, batch_id: UUID, owner: str) -> Batch:
        """One of the owner's batches.

        Raises:
            NotFound: the owner has no such batch.
        """
        row = await self._row(batch_id, owner)
        [batch] = await self._batches([row])
        if batch.counts.queued == 0 or row.state == JobState.PAUSED:
            return batch
        position = await queue_position(self._connection, batch_id)
        waiting = {"queue_position": position, "waiting_for": _waiting_for(position)}
        return batch.model_copy(update=waiting)

    async def page(self, owner: str, *, before: UUID | None, limit: int) -> list[Batch]:
        """The owner's batches, newest first, older than `before`; without queue positions."""
        query = newest_of_owner(select(jobs), jobs, owner, before=before, limit=limit)
        query = query.where(jobs.c.kind == JobKind.BATCH)
        return await self._batches(list(await self._connection.execute(query)))

    async def check(self, batch_id: UUID, owner: str) -> None:
        """Raise NotFound unless the owner has this batch."""
        await self._row(batch_id, owner)

    async def _row(self, batch_id: UUID, owner: str) -> Row[Any]:
        query = select(jobs).where(
            jobs.c.id == batch_id, jobs.c.owner == owner, jobs.c.kind == JobKind.BATCH
        )
        row: Row[Any] | None = (await self._connection.execute(query)).one_or_none()
        if row is None:
            raise NotFound("batch", batch_id)
        return row

    async def _batches(self, rows: Sequence[Row[Any]]) -> list[Batch]:
        found = await self._connection.execute(_RUNNING, {"job_ids": [row.id for row in rows]})
        running = {row.job_id: row.items for row in found}
        return [_batch(row, running.get(row.id, 0)) for row in rows]

    async def errors(self, batch_id: UUID, *, after: int, limit: int) -> list[BatchItemError]:
        """The failed items of a batch in order, after index `after`."""
        parameters = {"job_id": batch_id, "after": after, "limit": limit}
        return [
            BatchItemError(index=index, custom_id=custom_id, error=JobError.model_validate(error))
            for index, custom_id, error in await self._connection.execute(_ERRORS, parameters)
        ]

    async def add_invalid_items(self, batch_id: UUID, errors: Sequence[ItemError]) -> None:
        """Add items that failed before any worker saw them, to a batch that was just inserted."""
        await insert_item_errors(self._connection, ((batch_id, item) for item in errors))
        await self._connection.execute(
            update(jobs)
            .where(jobs.c.id == batch_id)
            .values(
                num_items=jobs.c.num_items + len(errors),
                failed=len(errors),
                error=errors[0].error.model_dump(),
            )
        )

    async def pause(self, batch_id: UUID, owner: str) -> Batch:
        """Pause a batch: running shards finish, the others wait. Idempotent.

        Raises:
            NotFound: the owner has no such batch.
            Conflict: it has ended, or is being cancelled.
        """
        await self.check(batch_id, owner)
        await self._job_store.pause(batch_id)
        return await self.get(batch_id, owner)

    async def resume(self, batch_id: UUID, owner: str) -> Batch:
        """Continue a paused batch. Idempotent.

        Raises:
            NotFound: the owner has no such batch.
            Conflict: it has ended, or is being cancelled.
        """
        await self.check(batch_id, owner)
        await self._job_store.resume(batch_id)
        return await self.get(batch_id, owner)

    async def cancel(self, batch_id: UUID, owner: str) -> Batch:
        """Cancel a batch; finished melodies are kept. Idempotent.

        Raises:
            NotFound: the owner has no such batch.
            Conflict: it has already ended otherwise.
        """
        await self.check(batch_id, owner)
        await self._job_store.cancel(batch_id)
        return await self.get(batch_id, owner)

    async def failed_items(
        self, batch_id: UUID, owner: str
    ) -> tuple[BatchParameters, list[NewShard]]:
        """The parameters of a batch, and its failed items as the shards of a new one.

        Lines that were invalid are left out: they would fail again.

        Raises:
            NotFound: the owner has no such batch.
            Conflict: it has not ended, or nothing failed that can be repeated.
        """
        row = await self._row(batch_id, owner)
        if not JobState(row.state).is_terminal:
            raise Conflict(f"The batch is {row.state}; retry what failed when it has ended.")
        parameters = BatchParameters.model_validate(row.request)
        builder, numbers = ShardBuilder(), count()
        after, page = -1, await self.errors(batch_id, after=-1, limit=SHARDS_PER_PAGE * SHARD_SIZE)
        while page:
            after = page[-1].index
            indices = [item.index for item in page if item.error.code != INVALID_REQUEST]
            for item in await self._items(batch_id, indices, parameters.request):
                request = GenerationRequest.model_validate(item["request"])
                builder.add({**item, "index": next(numbers)}, request.bars_to_generate)
            page = await self.errors(batch_id, after=after, limit=SHARDS_PER_PAGE * SHARD_SIZE)
        shards = builder.finish()
        if not shards and row.failed:
            raise Conflict(
                "Nothing failed in this batch but lines that are invalid: correct them, and submit "
                "them as another batch."
            )
        if not shards:
            raise Conflict("Nothing failed in this batch.")
        return parameters.model_copy(update={"request": None}), shards

    async def _items(
        self, batch_id: UUID, indices: list[int], request: GenerationRequest | None
    ) -> list[dict[str, Any]]:
        if request is not None:
            common = request.model_dump(mode="json")
            return [
                {"custom_id": None, "request": {**common, "seed": request.resolved_seed + index}}
                for index in indices
            ]
        rows = await self._connection.execute(_ITEMS, {"job_id": batch_id, "indices": indices})
        return [value for _, value in sorted((index, value) for index, value in rows)]


def _waiting_for(position: int) -> str:
    if position == 0:
        return "A worker with free capacity."
    return f"{position:,} shards of all owners, who are served in turn."


def _batch(row: Row[Any], running: int) -> Batch:
    ended = row.succeeded + row.failed + row.cancelled
    parameters = BatchParameters.model_validate(row.request)
    seconds = None
    if row.started_at is not None:
        seconds = ((row.finished_at or datetime.now(UTC)) - row.started_at).total_seconds()
    rate = row.succeeded / seconds if seconds else None
    is_paused = row.state == JobState.PAUSED
    remaining = row.num_items - ended
    return Batch(
        id=row.id,
        state=job_state(row.state, is_expired=row.is_expired),
        counts=BatchCounts(
            total=row.num_items,
            queued=remaining - running,
            running=running,
            succeeded=row.succeeded,
            failed=row.failed,
            **stopped_counts(dict(row._mapping)),  # noqa: SLF001 - public API of Row
        ),
        metadata=parameters.metadata,
        waiting_for="It is paused." if is_paused and remaining > running else None,
        melodies_per_second=rate,
        eta_seconds=remaining / rate if rate and remaining and not is_paused else None,
        error=None if row.error is None else JobError.model_validate(row.error),
        retry_of=row.retry_of,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        expires_at=row.deadline_at,
        cancel_seconds=cancel_seconds(dict(row._mapping)),  # noqa: SLF001 - as above
    )
