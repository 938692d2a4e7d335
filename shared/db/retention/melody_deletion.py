"""Deletes single melodies, once their job has ended."""

from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.retention.job_deletion import is_visible
from shared.db.tables.melody_tables import melodies
from shared.errors import Conflict, NotFound

# The counters of a job that runs include its finished melodies: they cannot be deleted yet.
_DELETE = text("""
    WITH deleted AS (
        DELETE FROM melodies USING jobs
        WHERE melodies.id = :melody_id AND melodies.owner = :owner AND jobs.id = melodies.job_id
            AND jobs.finished_at IS NOT NULL
        RETURNING melodies.job_id, melodies.index
    ), recorded AS (
        INSERT INTO deleted_melodies (job_id, index) SELECT job_id, index FROM deleted
        WHERE EXISTS (
            SELECT FROM shards WHERE shards.job_id = deleted.job_id AND shards.state = 'failed'
        )
    )
    SELECT job_id FROM deleted
""")
"""Items of a shard that failed count as failed unless they have a melody, or had one."""


async def delete_melody(connection: AsyncConnection, melody_id: UUID, owner: str) -> UUID:
    """Delete one of the owner's melodies, and return the id of its job.

    Raises:
        NotFound: the owner has no such melody.
        Conflict: its job has not ended.
    """
    parameters = {"melody_id": melody_id, "owner": owner}
    job_id: UUID | None = await connection.scalar(_DELETE, parameters)
    if job_id is not None:
        return job_id
    unfinished = await connection.scalar(
        select(melodies.c.job_id).where(
            melodies.c.id == melody_id, melodies.c.owner == owner, is_visible(melodies)
        )
    )
    if unfinished is None:
        raise NotFound("melody", melody_id)
    raise Conflict(
        f"Its job {unfinished} has not ended; cancel the job, or wait, and delete the melody then."
    )
