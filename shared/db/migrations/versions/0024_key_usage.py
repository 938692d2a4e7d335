"""Jobs, usage and webhooks of each API key. Forward only.

Jobs that exist, and those that processes of the previous release submit meanwhile, have no key:
such processes call the function `submit_job` of revision 0015, which stays. What a worker of the
previous release generates is counted for the owner only.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Parameters and results: shared/db/job_queue/submission_statements.py
SUBMIT_JOB = """
    CREATE FUNCTION submit_job_with_key(
        p_job_id uuid, p_kind text, p_owner text, p_queue text, p_priority text, p_request jsonb,
        p_num_items integer, p_version text, p_key text, p_request_sha256 bytea,
        p_traceparent text, p_retry_of uuid, p_deadline_seconds float8,
        p_quota_queues text[], p_max_pending_items bigint,
        p_models text[], p_items bigint[], p_work float8[],
        p_ids uuid[], p_shard_models text[], p_first_indices integer[], p_sizes integer[],
        p_shard_items text[], p_shard_work float8[], p_work_before float8[], p_payload jsonb,
        p_key_id uuid,
        OUT previous_id uuid, OUT previous_sha256 bytea, OUT job_created_at timestamptz,
        OUT owner_pending_items bigint, OUT starts float8[]
    ) LANGUAGE plpgsql AS $$
    DECLARE
        start float8;
        exceeds_quota boolean := false;
    BEGIN
        FOR i IN 1..cardinality(p_models) LOOP
            INSERT INTO owner_queues AS place (owner, queue, model, pending_items, next_rank)
            VALUES (p_owner, p_queue, p_models[i], p_items[i], p_work[i] + coalesce((
                SELECT virtual_time FROM queue_clocks
                WHERE queue = p_queue AND model = p_models[i]
            ), 0))
            ON CONFLICT (owner, queue, model) DO UPDATE SET
                pending_items = place.pending_items + p_items[i],
                next_rank = greatest(place.next_rank + p_work[i], excluded.next_rank)
            RETURNING next_rank - p_work[i] INTO start;
            starts := starts || start;
        END LOOP;
        IF cardinality(p_quota_queues) > 0 THEN
            SELECT sum(pending_items) - p_num_items INTO owner_pending_items
            FROM owner_queues WHERE owner = p_owner AND queue = ANY (p_quota_queues);
            exceeds_quota := owner_pending_items + p_num_items > p_max_pending_items;
        END IF;
        IF NOT exceeds_quota THEN
            INSERT INTO jobs (
                id, kind, owner, state, priority, request, num_items, version, idempotency_key,
                request_sha256, traceparent, retry_of, deadline_at, key_id
            )
            VALUES (
                p_job_id, p_kind, p_owner, 'queued', p_priority, p_request, p_num_items,
                p_version, p_key, p_request_sha256, p_traceparent, p_retry_of,
                now() + make_interval(secs => p_deadline_seconds), p_key_id
            )
            ON CONFLICT DO NOTHING RETURNING created_at INTO job_created_at;
        END IF;
        IF job_created_at IS NULL THEN
            FOR i IN 1..cardinality(p_models) LOOP
                UPDATE owner_queues
                SET pending_items = pending_items - p_items[i], next_rank = starts[i]
                WHERE owner = p_owner AND queue = p_queue AND model = p_models[i];
            END LOOP;
            SELECT id, request_sha256 INTO previous_id, previous_sha256
            FROM (
                SELECT id, request_sha256 FROM jobs WHERE id = p_job_id
                UNION ALL
                SELECT id, request_sha256 FROM jobs
                WHERE owner = p_owner AND idempotency_key = p_key
            ) AS previous
            LIMIT 1;
            IF NOT FOUND AND NOT exceeds_quota THEN
                IF p_version IS NULL THEN
                    RAISE serialization_failure USING
                        MESSAGE = 'the job with this idempotency key was deleted meanwhile';
                END IF;
                RAISE unique_violation USING CONSTRAINT = 'jobs_version',
                    MESSAGE = 'another job has reserved the model version';
            END IF;
            RETURN;
        END IF;
        INSERT INTO shards (
            id, job_id, owner, queue, model, first_index, size, items, work, rank, state
        )
        SELECT part.id, p_job_id, p_owner, p_queue, part.model, part.first_index, part.size,
            part.items::jsonb, part.work,
            starts[array_position(p_models, part.model)] + part.work_before, 'queued'
        FROM unnest(
            p_ids, p_shard_models, p_first_indices, p_sizes, p_shard_items, p_shard_work,
            p_work_before
        ) AS part (id, model, first_index, size, items, work, work_before);
        INSERT INTO outbox (job_id, kind, payload) VALUES (p_job_id, 'job', p_payload);
    END $$
"""
ADD_DELIVERIES = """
    CREATE OR REPLACE FUNCTION jobs_add_webhook_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
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
            AND (key_id IS NULL OR key_id = NEW.key_id)
            AND (events IS NULL OR event = ANY (events))
        UNION ALL
        SELECT NEW.owner, webhook_host(url), url, NULL, NEW.id, event FROM of_job
        WHERE events IS NULL OR event = ANY (events);
        RETURN NULL;
    END $$
"""
STATEMENTS = (
    "ALTER TABLE api_keys ADD COLUMN first_id uuid",
    "CREATE INDEX api_keys_by_first_id ON api_keys (first_id) WHERE first_id IS NOT NULL",
    "ALTER TABLE jobs ADD COLUMN key_id uuid",
    "ALTER TABLE webhooks ADD COLUMN key_id uuid",
    """
    CREATE TABLE key_usage_days (
        owner text, key_id uuid, day date,
        jobs bigint NOT NULL, melodies bigint NOT NULL, tokens bigint NOT NULL,
        seconds double precision NOT NULL,
        PRIMARY KEY (owner, key_id, day)
    )
    """,
    "CREATE INDEX key_usage_days_by_day ON key_usage_days (day)",
    SUBMIT_JOB,
    ADD_DELIVERIES,
)


def upgrade() -> None:
    """Add the columns, the table and the function, and replace that of the trigger."""
    for statement in STATEMENTS:
        op.execute(statement)
