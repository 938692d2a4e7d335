"""The statements that insert a job with its shards in fair order between owners.

Workers claim the shards of a queue and model by rank, the lowest first. The ranks are the start
tags of start-time fair queueing (Goyal, Vin and Cheng 1996): an owner's next shard starts where the
previous one ended, but not before the virtual time, which is the rank of the newest claim. So the
owners with queued shards get equal shares of the work, however much each of them has queued.
"""

from sqlalchemy import text

from shared.db.driver import Statement

SUBMIT = Statement(
    text("""
    WITH previous AS (
        SELECT id, request_sha256 FROM jobs WHERE id = CAST(:job_id AS uuid)
        UNION ALL
        SELECT id, request_sha256 FROM jobs
        WHERE owner = CAST(:owner AS text) AND idempotency_key = CAST(:key AS text)
    ), pending AS (
        SELECT coalesce(sum(pending_items), 0)::bigint AS items FROM owner_queues
        WHERE owner = CAST(:owner AS text) AND queue = ANY(CAST(:quota_queues AS text[]))
    ), groups AS (
        SELECT g.model, g.items, g.work, coalesce(clock.virtual_time, 0) AS virtual_time,
            coalesce(known.pending_items, 0) AS known_items
        FROM unnest(CAST(:models AS text[]), CAST(:items AS bigint[]), CAST(:work AS float8[]))
            AS g (model, items, work)
        LEFT JOIN queue_clocks AS clock
            ON clock.queue = CAST(:queue AS text) AND clock.model = g.model
        LEFT JOIN owner_queues AS known ON known.owner = CAST(:owner AS text)
            AND known.queue = CAST(:queue AS text) AND known.model = g.model
    ), places AS (
        INSERT INTO owner_queues AS place (owner, queue, model, pending_items, next_rank)
        SELECT CAST(:owner AS text), CAST(:queue AS text), model, items, virtual_time + work
        FROM groups
        WHERE NOT EXISTS (SELECT FROM previous) AND (SELECT items FROM pending)
            + CAST(:num_items AS integer) <= CAST(:max_pending_items AS bigint)
        ORDER BY model
        ON CONFLICT (owner, queue, model) DO UPDATE SET
            pending_items = place.pending_items + excluded.pending_items,
            next_rank = excluded.next_rank + greatest(0, place.next_rank - (
                SELECT virtual_time FROM groups WHERE groups.model = excluded.model
            ))
        WHERE (SELECT items FROM pending) + CAST(:num_items AS integer) + place.pending_items - (
            SELECT known_items FROM groups WHERE groups.model = excluded.model
        ) <= CAST(:max_pending_items AS bigint)
        RETURNING model, next_rank
    ), starts AS (
        SELECT model, next_rank - work AS rank FROM places JOIN groups USING (model)
    ), job AS (
        INSERT INTO jobs (
            id, kind, owner, state, priority, request, num_items, version, idempotency_key,
            request_sha256, traceparent, retry_of, deadline_at
        )
        SELECT CAST(:job_id AS uuid), CAST(:kind AS text), CAST(:owner AS text), 'queued',
            CAST(:priority AS text), CAST(:request AS jsonb), CAST(:num_items AS integer),
            CAST(:version AS text), CAST(:key AS text), CAST(:request_sha256 AS bytea),
            CAST(:traceparent AS text), CAST(:retry_of AS uuid),
            now() + make_interval(secs => CAST(:deadline_seconds AS float8))
        WHERE (SELECT count(*) FROM places) = cardinality(CAST(:models AS text[]))
        RETURNING created_at
    ), parts AS (
        INSERT INTO shards (
            id, job_id, owner, queue, model, first_index, size, items, work, rank, state
        )
        SELECT part.id, CAST(:job_id AS uuid), CAST(:owner AS text), CAST(:queue AS text),
            part.model, part.first_index, part.size, CAST(part.items AS jsonb), part.work,
            starts.rank + part.work_before, 'queued'
        FROM unnest(
            CAST(:ids AS uuid[]), CAST(:shard_models AS text[]), CAST(:first_indices AS integer[]),
            CAST(:sizes AS integer[]), CAST(:shard_items AS text[]), CAST(:shard_work AS float8[]),
            CAST(:work_before AS float8[])
        ) AS part (id, model, first_index, size, items, work, work_before)
        JOIN starts USING (model) CROSS JOIN job
    ), message AS (
        INSERT INTO outbox (job_id, kind, payload)
        SELECT CAST(:job_id AS uuid), 'job', CAST(:payload AS jsonb) FROM job
    )
    SELECT previous.id AS previous_id, previous.request_sha256, job.created_at,
        (SELECT items FROM pending) AS pending_items,
        (SELECT jsonb_object_agg(model, rank) FROM starts) AS starts
    FROM (SELECT) AS one LEFT JOIN previous ON true LEFT JOIN job ON true
    LIMIT 1
""")
)
ADD_SHARDS = text("""
    INSERT INTO shards (
        id, job_id, owner, queue, model, first_index, size, items, work, rank, state
    )
    SELECT part.id, CAST(:job_id AS uuid), CAST(:owner AS text), CAST(:queue AS text),
        part.model, part.first_index, part.size, CAST(part.items AS jsonb), part.work,
        part.work_before, 'queued'
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:shard_models AS text[]), CAST(:first_indices AS integer[]),
        CAST(:sizes AS integer[]), CAST(:shard_items AS text[]), CAST(:shard_work AS float8[]),
        CAST(:work_before AS float8[])
    ) AS part (id, model, first_index, size, items, work, work_before)
""")
