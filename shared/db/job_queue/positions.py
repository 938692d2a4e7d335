"""The position of a job in its queue, in the order in which workers claim shards."""

from uuid import UUID

from sqlalchemy import text

from shared.db.driver import Connection, Statement, fetch

MAX_POSITION = 1000
"""Positions are counted up to this one: a count costs the same however long the queue is."""

_POSITION = Statement(
    text(f"""
    SELECT count(*) FROM (
        SELECT FROM shards AS other, (
            SELECT queue, model, rank, id FROM shards
            WHERE job_id = :job_id AND state = 'queued' ORDER BY rank, id LIMIT 1
        ) AS first
        WHERE other.queue = first.queue AND other.model = first.model AND other.state = 'queued'
            AND other.crashes < 2 AND (other.rank, other.id) < (first.rank, first.id)
        LIMIT {MAX_POSITION}
    ) AS ahead
""")  # noqa: S608 - the limit is a constant, which the plan depends on
)

_NEXT_MODEL = Statement(
    text("""
    SELECT model FROM shards
    WHERE job_id = :job_id AND state = 'queued' ORDER BY rank, id LIMIT 1
""")
)


async def next_model(connection: Connection, job_id: UUID) -> str | None:
    """The model of the job's next shard; None if none is queued."""
    rows = await fetch(connection, _NEXT_MODEL, {"job_id": job_id})
    return rows[0]["model"] if rows else None


async def queue_position(connection: Connection, job_id: UUID) -> int:
    """The number of shards that workers claim before the job's next one, at most `MAX_POSITION`."""
    (row,) = await fetch(connection, _POSITION, {"job_id": job_id})
    return int(row["count"])
