"""Fair order of claims: values of existing shards and jobs; counters; indexes.

Forward only: to undo it, restore a backup.
"""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import Connection, text

from shared.db.migrations.batches import BATCH_ROWS

revision: str = "0014a"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NEXT_SHARDS = text("""
    UPDATE shards SET owner = jobs.owner, rank = 0,
        work = CASE WHEN jobs.kind = 'generation'
            THEN shards.size * coalesce((jobs.request ->> 'bars')::double precision, 8) ELSE 1 END,
        model = CASE WHEN jobs.kind = 'generation'
            THEN coalesce(jobs.request ->> 'model', '') ELSE '' END,
        ended_items = CASE WHEN shards.state IN ('queued', 'running') THEN 0 ELSE shards.size END,
        error = CASE WHEN shards.state = 'failed' THEN jobs.error END
    FROM jobs WHERE jobs.id = shards.job_id AND shards.id IN (
        SELECT id FROM shards WHERE owner IS NULL ORDER BY id LIMIT :limit
    )
""")
NEXT_DEADLINES = text("""
    UPDATE jobs SET deadline_at =
        created_at + make_interval(secs => (request ->> 'deadline_seconds')::double precision)
    WHERE id IN (
        SELECT id FROM jobs
        WHERE deadline_at IS NULL AND request ->> 'deadline_seconds' IS NOT NULL
        ORDER BY id LIMIT :limit
    )
""")
STATEMENTS = (
    "DROP INDEX shards_backfill, jobs_backfill",
    # Shards
    """
    UPDATE shards SET rank = numbered.rank FROM (
        SELECT id, sum(work) OVER (PARTITION BY queue, model ORDER BY job_id, first_index)
            AS rank
        FROM shards WHERE state IN ('queued', 'running')
    ) AS numbered WHERE numbered.id = shards.id
    """,
    """
    UPDATE shards SET state = 'paused' FROM jobs
    WHERE jobs.id = shards.job_id AND jobs.state = 'paused' AND shards.state = 'queued'
    """,
    "ALTER TABLE shards ALTER owner SET NOT NULL, ALTER model SET NOT NULL,"
    " ALTER rank SET NOT NULL, ALTER work SET NOT NULL",
    "DROP INDEX shards_queued, shards_leased",
    "CREATE INDEX shards_claimable ON shards (queue, model, rank, id)"
    " WHERE state = 'queued' AND crashes < 2",
    "CREATE INDEX shards_isolated ON shards (queue, model, rank)"
    " WHERE state = 'queued' AND crashes >= 2",
    "CREATE INDEX shards_running ON shards (worker_id) WHERE state = 'running'",
    "CREATE INDEX shards_running_of_job ON shards (job_id) WHERE state = 'running'",
    "CREATE INDEX shards_leases ON shards (lease_expires_at) WHERE state = 'running'",
    # Owners and queues
    """
    INSERT INTO owner_queues
    SELECT owner, queue, model, sum(size),
        coalesce(sum(size) FILTER (WHERE state = 'paused'), 0), max(rank) FROM shards
    WHERE state IN ('queued', 'running', 'paused') GROUP BY owner, queue, model
    """,
    # Jobs
    "DROP INDEX jobs_by_owner",
    "CREATE INDEX jobs_by_owner ON jobs (owner, kind, id)",
    "CREATE INDEX jobs_pending ON jobs (owner, kind, state, id)"
    " WHERE state IN ('queued', 'running', 'paused', 'cancelling')",
    "CREATE INDEX jobs_ended ON jobs (owner, kind, state, id)"
    " WHERE state IN ('succeeded', 'partial', 'failed', 'cancelled')",
    "CREATE INDEX jobs_deadline ON jobs (deadline_at)"
    " WHERE deadline_at IS NOT NULL AND state IN ('queued', 'running', 'paused')",
)


def backfill(connection: Connection) -> int:
    """Fill in the columns of further shards, or else jobs; returns how many."""
    batch = {"limit": BATCH_ROWS}
    num_shards = connection.execute(NEXT_SHARDS, batch).rowcount
    return num_shards or connection.execute(NEXT_DEADLINES, batch).rowcount


def upgrade() -> None:
    """Fill in what depends on several rows, add the constraints, and replace the indexes."""
    for statement in STATEMENTS:
        op.execute(statement)
