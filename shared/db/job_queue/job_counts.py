"""The counters of jobs and usage: adds results, ends jobs without items left."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.jobs import JobError

_COUNT_AND_FINISH = text("""
    WITH counted AS (
        SELECT jobs.id, jobs.state, jobs.num_items, jobs.succeeded + new.succeeded AS succeeded,
            jobs.failed + new.failed AS failed, jobs.cancelled + new.cancelled AS cancelled,
            CAST(new.error AS jsonb) AS error
        FROM jobs JOIN unnest(
            CAST(:ids AS uuid[]), CAST(:succeeded AS integer[]), CAST(:failed AS integer[]),
            CAST(:cancelled AS integer[]), CAST(:errors AS text[])
        ) AS new (id, succeeded, failed, cancelled, error) USING (id)
    ), updated AS (
        UPDATE jobs SET succeeded = counted.succeeded, failed = counted.failed,
            cancelled = counted.cancelled, error = coalesce(jobs.error, counted.error),
            state = CASE WHEN NOT has_ended THEN jobs.state
                WHEN counted.cancelled > 0 OR counted.state = 'cancelling' THEN 'cancelled'
                WHEN counted.failed = 0 THEN 'succeeded'
                WHEN counted.succeeded > 0 THEN 'partial' ELSE 'failed' END,
            finished_at = CASE WHEN has_ended THEN now() END
        FROM counted, LATERAL (
            SELECT counted.succeeded + counted.failed + counted.cancelled = counted.num_items
        ) AS totals (has_ended)
        WHERE jobs.id = counted.id
        RETURNING jobs.*, totals.has_ended
    ), spent AS (
        SELECT owner, key_id, (now() AT TIME ZONE 'UTC')::date AS day, has_ended,
            results.melodies, results.tokens, results.seconds
        FROM updated JOIN unnest(
            CAST(:ids AS uuid[]), CAST(:succeeded AS integer[]), CAST(:tokens AS bigint[]),
            CAST(:seconds AS float8[])
        ) AS results (id, melodies, tokens, seconds) USING (id)
        WHERE has_ended OR results.tokens > 0
    ), used AS (
        INSERT INTO usage_days AS usage (owner, day, jobs, melodies, tokens, seconds)
        SELECT owner, day, count(*) FILTER (WHERE has_ended),
            sum(melodies), sum(tokens), sum(seconds)
        FROM spent GROUP BY owner, day ORDER BY owner
        ON CONFLICT (owner, day) DO UPDATE SET jobs = usage.jobs + excluded.jobs,
            melodies = usage.melodies + excluded.melodies,
            tokens = usage.tokens + excluded.tokens, seconds = usage.seconds + excluded.seconds
    ), used_by_key AS (
        INSERT INTO key_usage_days AS usage (owner, key_id, day, jobs, melodies, tokens, seconds)
        SELECT owner, key_id, day, count(*) FILTER (WHERE has_ended),
            sum(melodies), sum(tokens), sum(seconds)
        FROM spent WHERE key_id IS NOT NULL GROUP BY owner, key_id, day ORDER BY owner, key_id
        ON CONFLICT (owner, key_id, day) DO UPDATE SET jobs = usage.jobs + excluded.jobs,
            melodies = usage.melodies + excluded.melodies,
            tokens = usage.tokens + excluded.tokens, seconds = usage.seconds + excluded.seconds
    )
    INSERT INTO outbox (job_id, kind, payload)
    SELECT id, CASE WHEN has_ended THEN 'job' ELSE 'counts' END, CASE
        WHEN has_ended THEN jsonb_build_object('state', state, 'pause_count', pause_count)
            || CASE WHEN is_expired THEN '{"expired": true}'::jsonb ELSE '{}'::jsonb END
        WHEN is_expired THEN jsonb_build_object(
            'succeeded', succeeded, 'failed', failed, 'cancelled', 0, 'expired', cancelled
        )
        ELSE jsonb_build_object('succeeded', succeeded, 'failed', failed, 'cancelled', cancelled)
        END
    FROM updated WHERE has_ended OR id = ANY(CAST(:announced AS uuid[]))
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResults:
    """How many items of a job ended, and how."""

    job_id: UUID
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    tokens: int = 0
    """Tokens of the melodies that succeeded."""
    seconds: float = 0.0
    """The sum of the times that their generation took."""
    error: JobError | None = None
    """Why an item failed; the job keeps its first error."""


async def count_results(
    connection: AsyncConnection, results: Sequence[NewResults], *, announced: Collection[UUID] = ()
) -> None:
    """Add to the counters of locked jobs, and end those that have no item left.

    `announced`: the batches whose event streams get their new counts.
    """
    errors = [None if new.error is None else json.dumps(new.error.model_dump()) for new in results]
    await connection.execute(
        _COUNT_AND_FINISH,
        {
            "ids": [new.job_id for new in results],
            "announced": list(announced),
            "succeeded": [new.succeeded for new in results],
            "failed": [new.failed for new in results],
            "cancelled": [new.cancelled for new in results],
            "tokens": [new.tokens for new in results],
            "seconds": [new.seconds for new in results],
            "errors": errors,
        },
    )
