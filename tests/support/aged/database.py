# ruff: noqa: S608 - the texts that are inserted are constants
"""A database with years of work: millions of rows, written by SQL in seconds.

Ids are numbered: the id of the n-th job is `job_id(n)`. They are older than every id that a test
creates. One owner, `PROLIFIC`, has the older half of all finished jobs and melodies, so a query
that looks for the newest of its rows among all rows reads those of the others first. It also has
three of four queued shards, all in one queue and for one model, so a statement that reads all
shards of a queue, a model or an owner reads too many.
"""

from dataclasses import dataclass, fields, replace

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.db.new_job import NO_MODEL
from tests.support.aged.ids import (
    BATCH_PREFIX,
    JOB_PREFIX,
    MELODY_PREFIX,
    QUEUED_BATCH_PREFIX,
    QUEUED_JOB_PREFIX,
    QUEUED_SHARD_PREFIX,
    SHARD_PREFIX,
    WORKER_PREFIX,
    sql_uuid,
)
from tests.support.aged.webhook_rows import webhook_statements

PROLIFIC = "prolific"
QUEUES = ("interactive", "batch")
MODELS = (NO_MODEL, *(f"v{number}" for number in range(2, 9)))
"""Seven versions, and what the shards of trainer jobs have instead of one."""
SHARDS_PER_BATCH, SHARDS_PER_QUEUED_BATCH, WORKERS = 200, 1_500, 10
CROWDED_QUEUE, CROWDED_MODEL = "batch", "v8"
"""Where the shards of the queued batches are."""
KINDS = ("generation", "training", "evaluation", "dataset_import", "engraving")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Numbers of rows; by default a tenth of what queries are bounded for."""

    melodies: int = 100_000
    finished_jobs: int = 20_000
    """Of all kinds; one in five is no generation."""
    queued_shards: int = 10_000
    """One for each queued job, and so for all models and both queues in turn."""
    owners: int = 1_000
    """Owners with queued shards and finished jobs, besides `PROLIFIC`."""
    running_shards: int = 500
    """Half of them have expired leases."""
    outbox: int = 2_000
    idle_owners: int = 20_000
    """Further owners without queued shards, who have an API key each."""
    usage_keys: int = 200
    """Keys that were used on each of 410 days, in turn by owner."""
    tickets: int = 20_000
    primers: int = 5_000
    """Of `PROLIFIC`."""
    batches: int = 50
    """Of `PROLIFIC`, all finished, with `SHARDS_PER_BATCH` shards."""
    webhooks: int = 20_000
    webhook_deliveries: int = 40_000
    queued_batches: int = 20
    """Of `PROLIFIC`, with `SHARDS_PER_QUEUED_BATCH` shards, which have to run isolated in the last
    one; ten of these are reserved."""

    def times(self, factor: int) -> "Size":
        """So many times the rows, of as many more owners; but no more rows that workers hold."""
        scaled = {item.name for item in fields(self)} - {"running_shards"}
        return replace(self, **{name: getattr(self, name) * factor for name in scaled})


FULL_SIZE = Size().times(10)


# Rows of an old table are in no order: the space of deleted ones was used again.
_SHUFFLE_SHARDS = (
    "CREATE TEMPORARY TABLE shuffled AS SELECT * FROM shards ORDER BY random()",
    "TRUNCATE shards",
    "INSERT INTO shards SELECT * FROM shuffled",
    "DROP TABLE shuffled",
)


def _statements(size: Size) -> list[str]:
    owner = (
        f"CASE WHEN n <= {size.finished_jobs} / 2 THEN '{PROLIFIC}' "
        f"ELSE 'owner-' || (n % {size.owners}) END"
    )
    kind = f"(ARRAY{list(KINDS)})[CASE WHEN n % 25 > 3 THEN 1 ELSE n % 25 + 2 END]"
    model = f"(ARRAY{list(MODELS)})[n % {len(MODELS)} + 1]"
    queue = f"(ARRAY{list(QUEUES)})[n / {len(MODELS)} % {len(QUEUES)} + 1]"
    request = f"""jsonb_build_object('model', coalesce(nullif({model}, ''), 'v2'), 'count', 1,
        'bars', 8, 'seed', n, 'priority', {queue})"""
    finished_request = f"""CASE {kind}
        WHEN 'training' THEN jsonb_build_object('recipe', 'v7', 'dataset', 'music21', 'version',
            'a-' || n)
        WHEN 'evaluation' THEN jsonb_build_object('job_id', {sql_uuid(JOB_PREFIX, "n")})
        ELSE {request} END"""
    queued_job = sql_uuid(QUEUED_JOB_PREFIX, "n")
    queued_batch = sql_uuid(QUEUED_BATCH_PREFIX, "n")
    num_waiting = size.queued_shards - size.running_shards
    queued_owner = f"'owner-' || (n % {size.owners})"
    return [
        f"""
        INSERT INTO jobs (id, kind, owner, state, is_expired, priority, request, num_items,
            succeeded, failed, request_sha256, created_at, started_at, finished_at)
        SELECT {sql_uuid(JOB_PREFIX, "n")}, {kind}, {owner},
            (ARRAY['succeeded', 'succeeded', 'succeeded', 'failed', 'cancelled', 'partial'])
                [n % 6 + 1], n % 6 = 4 AND n > 300,
            {queue}, {finished_request}, 1, 1, 0, '', moment, moment, moment
        FROM generate_series(1, {size.finished_jobs}) AS n,
            LATERAL (SELECT now() - interval '1 year' + n * interval '1 second') AS at (moment)
        """,
        f"""
        INSERT INTO jobs (id, owner, key_id, state, priority, request, num_items, request_sha256,
            created_at, deadline_at)
        SELECT {queued_job}, {queued_owner}, {sql_uuid(JOB_PREFIX, "n")}, 'queued', {queue},
            {request}, 1, '',
            now() - interval '1 hour',
            CASE n % 300 WHEN 0 THEN now() WHEN 3 THEN now() + interval '1 day' END
        FROM generate_series(1, {size.queued_shards}) AS n
        """,
        f"""
        INSERT INTO shards (id, job_id, owner, queue, model, first_index, size, ended_items, work,
            rank, state, attempt)
        SELECT {sql_uuid(SHARD_PREFIX, "n")}, {sql_uuid(JOB_PREFIX, "n")}, {owner}, {queue},
            {model}, 0, 1, 1, 8, n / 1000, 'succeeded', 1
        FROM generate_series(1, {size.finished_jobs}) AS n
        """,
        f"""
        INSERT INTO shards (id, job_id, owner, queue, model, first_index, size, work, rank, state)
        SELECT {sql_uuid(QUEUED_SHARD_PREFIX, "n")}, {queued_job}, {queued_owner},
            {queue}, {model}, 0, 1, 8, n * 8 / {size.owners}, 'queued'
        FROM generate_series(1, {size.queued_shards}) AS n
        """,
        f"""
        INSERT INTO jobs (id, kind, owner, state, priority, request, num_items, succeeded,
            request_sha256, created_at, started_at, finished_at)
        SELECT {sql_uuid(BATCH_PREFIX, "n")}, 'batch', '{PROLIFIC}', 'succeeded', 'batch', '{{}}',
            {64 * SHARDS_PER_BATCH}, {64 * SHARDS_PER_BATCH}, '', now(), now(), now()
        FROM generate_series(1, {size.batches}) AS n
        """,
        f"""
        INSERT INTO shards (id, job_id, owner, queue, model, first_index, size, ended_items, work,
            rank, state, attempt)
        SELECT gen_random_uuid(), {sql_uuid(BATCH_PREFIX, "n")}, '{PROLIFIC}', 'batch', 'v7',
            64 * part, 64, 64, 512, 0, 'succeeded', 1
        FROM generate_series(1, {size.batches}) AS n,
            generate_series(0, {SHARDS_PER_BATCH - 1}) AS part
        """,
        f"""
        UPDATE jobs SET state = 'running', started_at = now()
        WHERE id > {sql_uuid(QUEUED_JOB_PREFIX, str(num_waiting))} AND state = 'queued'
        """,
        f"""
        UPDATE shards SET state = 'running', attempt = 1, lease_expires_at = now()
                + CASE WHEN random() < 0.5 THEN interval '1 day' ELSE interval '-1 day' END,
            worker_id = {sql_uuid(WORKER_PREFIX, f"(random() * {WORKERS})::integer")}
        WHERE id > {sql_uuid(QUEUED_SHARD_PREFIX, str(num_waiting))} AND state = 'queued'
        """,
        f"""
        INSERT INTO jobs (id, kind, owner, state, priority, request, num_items, request_sha256)
        SELECT {queued_batch}, 'batch', '{PROLIFIC}', 'queued', 'batch',
            '{{"request": {{"model": "{CROWDED_MODEL}", "seed": 1}}}}',
            {SHARDS_PER_QUEUED_BATCH}, ''
        FROM generate_series(1, {size.queued_batches}) AS n
        """,
        f"""
        INSERT INTO shards (id, job_id, owner, queue, model, first_index, size, work, rank, state,
            crashes, worker_id, lease_expires_at)
        SELECT gen_random_uuid(), {queued_batch}, '{PROLIFIC}', '{CROWDED_QUEUE}',
            '{CROWDED_MODEL}', part, 1, 8, (n * {SHARDS_PER_QUEUED_BATCH} + part) / 100, 'queued',
            CASE WHEN n = {size.queued_batches} THEN 2 ELSE 0 END,
            CASE WHEN is_reserved THEN {sql_uuid(WORKER_PREFIX, "part")} END,
            CASE WHEN is_reserved THEN now() + interval '1 day' END
        FROM generate_series(1, {size.queued_batches}) AS n,
            generate_series(0, {SHARDS_PER_QUEUED_BATCH - 1}) AS part,
            LATERAL (SELECT n = {size.queued_batches} AND part < {WORKERS}) AS of (is_reserved)
        """,
        *_SHUFFLE_SHARDS,
        """
        INSERT INTO owner_queues (owner, queue, model, pending_items, next_rank)
        SELECT owner, queue, model, sum(size - ended_items), max(rank) + 8 FROM shards
        GROUP BY owner, queue, model
        """,
        f"""
        INSERT INTO owner_queues (owner, queue, model, pending_items, next_rank)
        SELECT 'idle-' || n, 'batch', 'v7', 0, 0 FROM generate_series(1, {size.idle_owners}) AS n
        """,
        "INSERT INTO queue_clocks SELECT DISTINCT queue, model, 0 FROM shards",
        f"""
        INSERT INTO melodies (id, job_id, index, owner, seed, model, model_sha256, numerics, tempo,
            bars, num_notes, num_tokens, generation_seconds, notes, midi, favourite)
        SELECT {sql_uuid(MELODY_PREFIX, "m")}, jobs.id, m / {size.finished_jobs}, jobs.owner, m,
            'v7', repeat('0', 64), 'test', 120, 8, 2, 3, 0.1,
            '[[0, 480, 60, 100], [480, 480, 64, 100]]', '\\x4d546864', m % 500 = 0
        FROM generate_series(1, {size.melodies}) AS m,
            LATERAL (SELECT m % {size.finished_jobs} + 1) AS job (n)
            JOIN jobs ON jobs.id = {sql_uuid(JOB_PREFIX, "n")}
        """,
        f"""
        INSERT INTO primers (id, owner, sha256, notes, bars, midi, midi_sha256)
        SELECT gen_random_uuid(), '{PROLIFIC}', '',
            jsonb_build_array(jsonb_build_array(n, 1, 60, 80)), 1, '\\x', sha256(n::text::bytea)
        FROM generate_series(1, {size.primers}) AS n
        """,
        """
        INSERT INTO item_errors (job_id, index, error)
        SELECT id, 0, '{"code": "poison", "detail": ""}' FROM jobs WHERE state = 'failed'
        """,
        """
        INSERT INTO evaluations (job_id, version, model_sha256)
        SELECT id, 'v7', repeat('0', 64) FROM jobs WHERE kind = 'evaluation'
        """,
        "INSERT INTO engravings (job_id) SELECT id FROM jobs WHERE kind = 'engraving'",
        """
        INSERT INTO datasets (id, owner, name, sha256, num_bytes, num_files, created_at)
        SELECT id, owner, 'music', '', 1, 1, created_at FROM jobs WHERE kind = 'dataset_import'
        """,
        f"""
        INSERT INTO outbox (job_id, kind, payload)
        SELECT {sql_uuid(QUEUED_JOB_PREFIX, f"1 + n % {size.queued_shards}")}, 'job',
            '{{"state": "queued"}}'
        FROM generate_series(1, {size.outbox}) AS n
        """,
        f"""
        INSERT INTO api_keys (id, owner, prefix, sha256)
        SELECT {sql_uuid(JOB_PREFIX, "n")}, 'owner-' || n, 'ost_' || n,
            sha256(convert_to('ost_' || n, 'UTF8'))
        FROM generate_series(1, {size.idle_owners}) AS n
        """,
        f"""
        INSERT INTO key_usage_days (owner, key_id, day, jobs, melodies, tokens, seconds)
        SELECT 'owner-' || n % {size.owners}, {sql_uuid(JOB_PREFIX, "n")}, current_date - age,
            1, 1, 3, 0.1
        FROM generate_series(1, {size.usage_keys}) AS n, generate_series(1, 410) AS age
        """,
        f"""
        INSERT INTO tickets (sha256, owner, job_id, expires_at)
        SELECT sha256(convert_to('ticket-' || n, 'UTF8')), 'owner-' || n,
            {sql_uuid(JOB_PREFIX, "n")}, now() + interval '1 hour'
        FROM generate_series(1, {size.tickets}) AS n
        """,
    ]


LARGE_TABLES = (
    *("jobs", "shards", "owner_queues", "melodies", "item_errors", "evaluations", "engravings"),
    *("datasets", "outbox", "api_keys", "tickets", "primers", "webhooks", "webhook_deliveries"),
    "key_usage_days",
)


async def fill(url: str, size: Size) -> None:
    """Fill a database that has the newest schema and no rows; its statistics are up to date.

    From then on the tables are neither vacuumed nor analyzed, so that counts of reads are exact.
    """
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for table in LARGE_TABLES:
            await connection.execute(text(f"ALTER TABLE {table} SET (autovacuum_enabled = off)"))
        webhooks = webhook_statements(size.webhooks, size.webhook_deliveries, PROLIFIC)
        for statement in (*_statements(size), *webhooks):
            await connection.exec_driver_sql(statement)
        await connection.execute(text("VACUUM ANALYZE"))
    await engine.dispose()
