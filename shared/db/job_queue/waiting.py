"""The shards of a job that no worker holds: cancel, pause, resume them.

The caller has locked the job. The cost depends on the size of this job alone.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# The counters are locked in order, so that two transactions never wait for each other. An owner who
# cancels or pauses work does not wait behind it: the ranks that it used become free.
_END = text("""
    WITH waiting AS (
        SELECT id, job_id, owner, queue, model, size - ended_items AS items, work,
            CASE state WHEN 'paused' THEN size - ended_items ELSE 0 END AS paused_items
        FROM shards
        WHERE job_id = ANY(CAST(:job_ids AS uuid[])) AND state IN ('queued', 'paused')
        ORDER BY id FOR NO KEY UPDATE
    ), ended AS (
        UPDATE shards SET state = 'cancelled', ended_items = size, worker_id = NULL,
            lease_expires_at = NULL
        FROM waiting WHERE shards.id = waiting.id
    ), totals AS (
        SELECT waiting.owner, waiting.queue, waiting.model, sum(items)::bigint AS items,
            sum(paused_items)::bigint AS paused_items, sum(work) AS work
        FROM waiting GROUP BY 1, 2, 3
    ), places AS (
        SELECT totals.* FROM totals JOIN owner_queues AS place USING (owner, queue, model)
        ORDER BY owner, queue, model FOR NO KEY UPDATE OF place
    ), freed AS (
        UPDATE owner_queues AS place SET pending_items = place.pending_items - places.items,
            paused_items = place.paused_items - places.paused_items,
            next_rank = place.next_rank - places.work
        FROM places
        WHERE place.owner = places.owner AND place.queue = places.queue
            AND place.model = places.model
    )
    SELECT job_id, sum(items)::bigint AS items FROM waiting GROUP BY job_id
""")
_PAUSE = text("""
    WITH paused AS (
        UPDATE shards SET state = 'paused', worker_id = NULL, lease_expires_at = NULL
        WHERE job_id = CAST(:job_id AS uuid) AND state = 'queued'
        RETURNING owner, queue, model, size - ended_items AS items, work
    ), totals AS (
        SELECT owner, queue, model, sum(items)::bigint AS items, sum(work) AS work
        FROM paused GROUP BY owner, queue, model
    ), locked AS (
        SELECT totals.* FROM totals JOIN owner_queues AS place USING (owner, queue, model)
        ORDER BY owner, queue, model FOR NO KEY UPDATE OF place
    )
    UPDATE owner_queues AS place SET paused_items = place.paused_items + locked.items,
        next_rank = place.next_rank - locked.work
    FROM locked
    WHERE place.owner = locked.owner AND place.queue = locked.queue AND place.model = locked.model
""")
_RESUME = text("""
    WITH paused AS (
        SELECT id, owner, queue, model, size - ended_items AS items, work,
            sum(work) OVER (PARTITION BY model ORDER BY first_index) - work AS work_before
        FROM shards WHERE job_id = CAST(:job_id AS uuid) AND state = 'paused'
    ), totals AS (
        SELECT owner, queue, model, sum(items)::bigint AS items, sum(work) AS work
        FROM paused GROUP BY owner, queue, model
    ), locked AS (
        SELECT totals.* FROM totals JOIN owner_queues AS place USING (owner, queue, model)
        ORDER BY owner, queue, model FOR NO KEY UPDATE OF place
    ), places AS (
        UPDATE owner_queues AS place SET paused_items = place.paused_items - locked.items,
            next_rank = locked.work
                + greatest(place.next_rank, coalesce(clock.virtual_time, 0))
        FROM locked LEFT JOIN queue_clocks AS clock USING (queue, model)
        WHERE place.owner = locked.owner AND place.queue = locked.queue
            AND place.model = locked.model
        RETURNING place.model, place.next_rank - locked.work AS rank
    ), resumed AS (
        UPDATE shards SET state = 'queued', rank = places.rank + paused.work_before
        FROM paused JOIN places USING (model) WHERE shards.id = paused.id
        RETURNING shards.queue
    )
    SELECT min(queue) AS queue, count(*) AS shards FROM resumed
""")


async def end_waiting_shards(
    connection: AsyncConnection, job_ids: Sequence[UUID]
) -> dict[UUID, int]:
    """Cancel those of several jobs; returns the number of unfinished items of each."""
    rows = await connection.execute(_END, {"job_ids": list(job_ids)})
    return {row.job_id: row.items for row in rows}


async def pause_shards(connection: AsyncConnection, job_id: UUID) -> None:
    """Pause them; no worker claims them until they are resumed."""
    await connection.execute(_PAUSE, {"job_id": job_id})


async def resume_shards(connection: AsyncConnection, job_id: UUID) -> tuple[str, int]:
    """Queue the paused ones behind those that their owner has queued: (queue, number)."""
    row = (await connection.execute(_RESUME, {"job_id": job_id})).one()
    return row.queue or "", row.shards
