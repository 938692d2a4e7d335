"""The position of a job in its queue, in the order in which workers claim shards."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.literals import LITERAL_LIMIT

MAX_POSITION = 1000
"""Positions are counted up to this one: a count costs the same however long the queue is."""

_POSITION = text("""
    SELECT count(*) FROM (
        SELECT FROM shards AS other, (
            SELECT queue, model, rank, id FROM shards
            WHERE job_id = :job_id AND state = 'queued' ORDER BY rank, id LIMIT 1
        ) AS first
        WHERE other.queue = first.queue AND other.model = first.model AND other.state = 'queued'
            AND other.crashes < 2 AND (other.rank, other.id) < (first.rank, first.id)
        LIMIT :limit
    ) AS ahead
""").bindparams(LITERAL_LIMIT)


async def queue_position(connection: AsyncConnection, job_id: UUID) -> int:
    """The number of shards that workers claim before the job's next one, at most `MAX_POSITION`."""
    parameters = {"job_id": job_id, "limit": MAX_POSITION}
    return int(await connection.scalar(_POSITION, parameters) or 0)
