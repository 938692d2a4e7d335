"""Webhooks, and a trigger that inserts the deliveries of a job when it ends.

Forward only: to undo it, restore a backup.

The trigger inserts the deliveries in the transaction that ends the job, also if a process of the
previous release ends it. It lists the states of jobs that have not ended: all others are final.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STATEMENTS = (
    """
    CREATE TABLE webhooks (
        id uuid PRIMARY KEY, owner text NOT NULL, url text NOT NULL, events text[],
        secret text NOT NULL, created_at timestamptz NOT NULL DEFAULT now(),
        failing_since timestamptz, disabled_at timestamptz, disabled_reason text
    )
    """,
    "CREATE INDEX webhooks_by_owner ON webhooks (owner, id)",
    """
    CREATE TABLE job_webhook_secrets (
        owner text PRIMARY KEY, secret text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE TABLE job_webhooks (job_id uuid PRIMARY KEY, url text NOT NULL, events text[])",
    # A UUIDv7, so that ids sort by age: 48 bits of milliseconds, then random bits
    """
    CREATE FUNCTION webhook_delivery_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
        SELECT encode(set_bit(set_bit(overlay(
            uuid_send(gen_random_uuid()) PLACING substring(
                int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3
            ) FROM 1 FOR 6
        ), 52, 1), 53, 1), 'hex')::uuid
    $$
    """,
    """
    CREATE FUNCTION webhook_host(url text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
        SELECT lower(substring(url FROM '^[A-Za-z]+://(\\[[^]]*\\]|[^:/?#]+)'))
    $$
    """,
    """
    CREATE TABLE webhook_deliveries (
        id uuid PRIMARY KEY DEFAULT webhook_delivery_id(), owner text NOT NULL,
        host text NOT NULL, url text NOT NULL, webhook_id uuid, job_id uuid,
        type text NOT NULL, state text NOT NULL DEFAULT 'pending',
        claims integer NOT NULL DEFAULT 0, attempts integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz NOT NULL DEFAULT now(), last_status integer,
        last_error text, created_at timestamptz NOT NULL DEFAULT now(), ended_at timestamptz
    )
    """,
    "CREATE INDEX webhook_deliveries_by_owner ON webhook_deliveries (owner, id)",
    "CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (owner, state, id)",
    "CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (owner, host, next_attempt_at)"
    " WHERE state = 'pending'",
    "CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at)"
    " WHERE state = 'pending'",
    "CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_at)"
    " WHERE ended_at IS NOT NULL",
    """
    CREATE FUNCTION jobs_add_webhook_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        event text := 'job.' || CASE
            WHEN NEW.is_expired AND NEW.state = 'cancelled' THEN 'expired' ELSE NEW.state END;
    BEGIN
        IF NOT EXISTS (SELECT FROM webhooks WHERE owner = NEW.owner)
            AND NOT EXISTS (SELECT FROM job_webhooks WHERE job_id = NEW.id) THEN
            RETURN NULL;  -- almost always: two look-ups cost less than the statement below
        END IF;
        WITH of_job AS (
            DELETE FROM job_webhooks WHERE job_id = NEW.id RETURNING url, events
        )
        INSERT INTO webhook_deliveries (owner, host, url, webhook_id, job_id, type)
        SELECT NEW.owner, webhook_host(url), url, id, NEW.id, event FROM webhooks
        WHERE owner = NEW.owner AND disabled_at IS NULL
            AND (events IS NULL OR event = ANY (events))
        UNION ALL
        SELECT NEW.owner, webhook_host(url), url, NULL, NEW.id, event FROM of_job
        WHERE events IS NULL OR event = ANY (events);
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER jobs_add_webhook_deliveries AFTER UPDATE OF state ON jobs FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state
        AND NEW.state NOT IN ('queued', 'running', 'paused', 'cancelling'))
    EXECUTE FUNCTION jobs_add_webhook_deliveries()
    """,
)


def upgrade() -> None:
    """Create the tables, the functions and the trigger."""
    for statement in STATEMENTS:
        op.execute(statement)
