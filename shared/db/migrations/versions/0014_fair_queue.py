"""Fair order of claims: owner, model and rank of shards; counters.

Forward only: to undo it, restore a backup.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STATEMENTS = (
    # Shards
    "ALTER TABLE shards ADD owner text, ADD model text, ADD rank double precision,"
    " ADD work double precision, ADD items jsonb, ADD error jsonb,"
    " ADD ended_items integer NOT NULL DEFAULT 0",
    """
    UPDATE shards SET owner = jobs.owner, rank = 0,
        work = CASE WHEN jobs.kind = 'generation'
            THEN shards.size * coalesce((jobs.request ->> 'bars')::double precision, 8) ELSE 1 END,
        model = CASE WHEN jobs.kind = 'generation'
            THEN coalesce(jobs.request ->> 'model', '') ELSE '' END,
        ended_items = CASE WHEN shards.state IN ('queued', 'running') THEN 0 ELSE shards.size END,
        error = CASE WHEN shards.state = 'failed' THEN jobs.error END
    FROM jobs WHERE jobs.id = shards.job_id
    """,
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
    CREATE TABLE owner_queues (
        owner text, queue text, model text,
        pending_items bigint NOT NULL, paused_items bigint NOT NULL DEFAULT 0,
        next_rank double precision NOT NULL,
        PRIMARY KEY (owner, queue, model)
    )
    """,
    """
    INSERT INTO owner_queues
    SELECT owner, queue, model, sum(size),
        coalesce(sum(size) FILTER (WHERE state = 'paused'), 0), max(rank) FROM shards
    WHERE state IN ('queued', 'running', 'paused') GROUP BY owner, queue, model
    """,
    "CREATE INDEX owner_queues_pending ON owner_queues (queue, model) WHERE pending_items > 0",
    """
    CREATE TABLE queue_clocks (
        queue text, model text, virtual_time double precision NOT NULL,
        PRIMARY KEY (queue, model)
    )
    """,
    # Tickets
    "CREATE INDEX tickets_expires_at ON tickets (expires_at)",
    # Items
    "ALTER TABLE melodies ADD custom_id text",
    """
    CREATE TABLE item_errors (
        job_id uuid REFERENCES jobs (id) ON DELETE CASCADE, index integer,
        custom_id text, error jsonb NOT NULL,
        PRIMARY KEY (job_id, index)
    )
    """,
    # Jobs
    "ALTER TABLE jobs ADD deadline_at timestamptz",
    """
    UPDATE jobs SET deadline_at =
        created_at + make_interval(secs => (request ->> 'deadline_seconds')::double precision)
    WHERE request ->> 'deadline_seconds' IS NOT NULL
    """,
    "DROP INDEX jobs_by_owner",
    "CREATE INDEX jobs_by_owner ON jobs (owner, kind, id)",
    "CREATE INDEX jobs_pending ON jobs (owner, kind, state, id)"
    " WHERE state IN ('queued', 'running', 'paused', 'cancelling')",
    "CREATE INDEX jobs_ended ON jobs (owner, kind, state, id)"
    " WHERE state IN ('succeeded', 'partial', 'failed', 'cancelled')",
    "CREATE INDEX jobs_deadline ON jobs (deadline_at)"
    " WHERE deadline_at IS NOT NULL AND state IN ('queued', 'running', 'paused')",
    """
    CREATE OR REPLACE FUNCTION jobs_check_transition() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (OLD.state, NEW.state) NOT IN (
            ('queued', 'running'),
            ('queued', 'paused'),
            ('queued', 'cancelling'),
            ('queued', 'cancelled'),
            ('running', 'paused'),
            ('running', 'cancelling'),
            ('running', 'succeeded'),
            ('running', 'partial'),
            ('running', 'failed'),
            ('paused', 'queued'),
            ('paused', 'running'),
            ('paused', 'cancelling'),
            ('paused', 'succeeded'),
            ('paused', 'partial'),
            ('paused', 'failed'),
            ('cancelling', 'cancelled')
        ) THEN
            RAISE EXCEPTION 'job % must not move from % to %', OLD.id, OLD.state, NEW.state
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
)


def upgrade() -> None:
    """Add the columns and tables, fill them in for existing jobs, and replace the indexes."""
    for statement in STATEMENTS:
        op.execute(statement)
