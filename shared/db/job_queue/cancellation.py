"""Cancels jobs, many at once, or lets them expire; workers drop what runs."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.job_queue.job_counts import NewResults, count_results
from shared.db.job_queue.literals import LITERAL_LIMIT
from shared.db.job_queue.waiting import end_waiting_shards

PAST_DEADLINE_LIMIT = 200
"""Jobs past their deadline that one transaction ends."""

# A job that another transaction has locked expires in the next pass.
_LOCK_PAST_DEADLINE = text("""
    SELECT id FROM jobs
    WHERE deadline_at < now() AND deadline_at IS NOT NULL
        AND state IN ('queued', 'running', 'paused')
    ORDER BY deadline_at LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED
""").bindparams(LITERAL_LIMIT)
_MARK = text("""
    WITH marked AS (
        UPDATE jobs SET is_expired = CAST(:is_expired AS boolean), cancel_requested_at = now(),
            state = CASE
                WHEN jobs.state <> 'queued'
                    OR jobs.succeeded + jobs.failed + jobs.cancelled + ended.items < jobs.num_items
                THEN 'cancelling' ELSE jobs.state END
        FROM unnest(CAST(:ids AS uuid[]), CAST(:items AS integer[])) AS ended (id, items)
        WHERE jobs.id = ended.id
        RETURNING jobs.id, jobs.state, jobs.pause_count
    )
    INSERT INTO outbox (job_id, kind, payload)
    SELECT id, 'job', jsonb_build_object('state', 'cancelling', 'pause_count', pause_count)
    FROM marked WHERE state = 'cancelling'
""")


async def cancel_locked_jobs(
    connection: AsyncConnection, job_ids: Sequence[UUID], *, is_expired: bool = False
) -> None:
    """Cancel jobs that this transaction has locked and that have not ended, or let them expire."""
    ended = await end_waiting_shards(connection, job_ids)
    items = [ended.get(job_id, 0) for job_id in job_ids]
    await connection.execute(
        _MARK, {"ids": list(job_ids), "items": items, "is_expired": is_expired}
    )
    await count_results(
        connection,
        [
            NewResults(job_id=job_id, cancelled=count)
            for job_id, count in zip(job_ids, items, strict=True)
        ],
    )


async def expire_past_deadline(connection: AsyncConnection) -> list[UUID]:
    """End the jobs whose deadlines passed first, at most `PAST_DEADLINE_LIMIT`, as expired."""
    found = await connection.scalars(_LOCK_PAST_DEADLINE, {"limit": PAST_DEADLINE_LIMIT})
    job_ids = sorted(found)
    if job_ids:
        await cancel_locked_jobs(connection, job_ids, is_expired=True)
    return job_ids
