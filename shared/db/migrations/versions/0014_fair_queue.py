"""Fair order of claims: columns and tables, which the next revision fills in.

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
    "CREATE INDEX shards_backfill ON shards (id) WHERE owner IS NULL",
    # Owners and queues
    """
    CREATE TABLE owner_queues (
        owner text, queue text, model text,
        pending_items bigint NOT NULL, paused_items bigint NOT NULL DEFAULT 0,
        next_rank double precision NOT NULL,
        PRIMARY KEY (owner, queue, model)
    )
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
    "CREATE INDEX jobs_backfill ON jobs (id)"
    " WHERE deadline_at IS NULL AND request ->> 'deadline_seconds' IS NOT NULL",
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
    """Add the columns and tables, and the indexes of the rows that are to be filled in."""
    for statement in STATEMENTS:
        op.execute(statement)
