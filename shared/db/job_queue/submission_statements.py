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
    SELECT previous_id, previous_sha256, job_created_at, owner_pending_items, starts
    FROM submit_job_with_key(
        CAST(:job_id AS uuid), CAST(:kind AS text), CAST(:owner AS text), CAST(:queue AS text),
        CAST(:priority AS text), CAST(:request AS jsonb), CAST(:num_items AS integer),
        CAST(:version AS text), CAST(:key AS text), CAST(:request_sha256 AS bytea),
        CAST(:traceparent AS text), CAST(:retry_of AS uuid), CAST(:deadline_seconds AS float8),
        CAST(:quota_queues AS text[]), CAST(:max_pending_items AS bigint),
        CAST(:models AS text[]), CAST(:items AS bigint[]), CAST(:work AS float8[]),
        CAST(:ids AS uuid[]), CAST(:shard_models AS text[]), CAST(:first_indices AS integer[]),
        CAST(:sizes AS integer[]), CAST(:shard_items AS text[]), CAST(:shard_work AS float8[]),
        CAST(:work_before AS float8[]), CAST(:payload AS jsonb), CAST(:key_id AS uuid)
    )
""")
)
"""Inserts a job with its first shards (the function is in the migration 0024).

`models`, `items` and `work` are of the models of the job, in the order of their names: how many
items and how much work each has; the arrays after them are of the shards. Returns one row: the job
that has the id or the idempotency key already; when this one was inserted, or null; the unfinished
items of the owner in the queues of the quota before it; and the rank where each model starts.
"""
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
