"""Inserts a job with its shards in one statement, in fair order between owners.

Workers claim the shards of a queue and model by rank, the lowest first. The ranks are the start
tags of start-time fair queueing (Goyal, Vin and Cheng 1996): an owner's next shard starts where the
previous one ended, but not before the virtual time, which is the rank of the newest claim. So the
owners with queued shards get equal shares of the work, however much each of them has queued.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.jobs import JobState
from shared.db.driver import Connection, Statement, fetch
from shared.db.new_job import NewJob, NewShard
from shared.errors import IdempotencyMismatch, Unavailable
from shared.ids import new_id

SHARDS_PER_STATEMENT = 200
"""The first statement inserts that many shards: all of a generation job. A large batch needs
further statements in the same transaction."""
UNLIMITED = 2**62
IDEMPOTENCY_CONSTRAINT = "jobs_owner_idempotency_key_key"
VERSION_CONSTRAINT = "jobs_version"

_SUBMIT = Statement(
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
_ADD_SHARDS = text("""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What `submit` did."""

    job_id: UUID
    """The inserted job, or the one that was inserted before."""
    created_at: datetime | None
    """None if nothing was inserted."""
    pending_items: int
    """The owner's unfinished items before this job."""
    exceeds_quota: bool = False
    """Whether nothing was inserted because the owner would have too many unfinished items."""


class VersionReserved(Exception):
    """Another job has reserved the model version."""


class DuplicateSubmission(Unavailable):
    """A job with the same idempotency key was inserted at the same time; a repetition finds it."""

    def __init__(self) -> None:
        super().__init__("The job with this idempotency key")


async def submit(
    connection: Connection,
    new_job: NewJob[Any],
    *,
    quota_queues: Sequence[str] = (),
    max_pending_items: int = UNLIMITED,
) -> Submission:
    """Insert a job unless its id or its idempotency key is known, in one statement if it is small.

    The job is not inserted if the owner would have more than `max_pending_items` unfinished items
    in `quota_queues`. The caller then rolls the transaction back: a job for several models may have
    been counted for some of them, if another one was submitted at the same time.

    Raises:
        IdempotencyMismatch: the key was sent with another body before.
        VersionReserved: another job has reserved the model version of this one.
        DuplicateSubmission: a job with this idempotency key was inserted at the same time; the
            transaction has failed, and a repetition in a new one finds that job.
    """
    shards = new_job.shards
    work_before = _work_before(shards)
    first, rest = shards[:SHARDS_PER_STATEMENT], shards[SHARDS_PER_STATEMENT:]
    groups = _groups(shards)
    parameters = {
        **_job_parameters(new_job),
        **_shard_parameters(first, work_before),
        "quota_queues": list(quota_queues),
        "max_pending_items": max_pending_items,
        "models": list(groups),
        "items": [sum(shard.size for shard in group) for group in groups.values()],
        "work": [sum(shard.work for shard in group) for group in groups.values()],
        "payload": json.dumps(
            {"state": JobState.QUEUED, "queue": new_job.queue, "shards": len(shards)}
        ),
    }
    try:
        (row,) = await fetch(connection, _SUBMIT, parameters)
    except (IntegrityError, asyncpg.UniqueViolationError) as error:
        raise _translate(error) from error
    previous_id, pending_items = row["previous_id"], row["pending_items"]
    if previous_id is not None:
        check_body(previous_id, row["request_sha256"], new_job)
        return Submission(job_id=previous_id, created_at=None, pending_items=pending_items)
    if row["created_at"] is not None and rest:
        assert isinstance(connection, AsyncConnection)  # noqa: S101 - see SHARDS_PER_STATEMENT
        await _add_shards(connection, new_job, rest, work_before[len(first) :], row["starts"])
    return Submission(
        job_id=new_job.job_id,
        created_at=row["created_at"],
        pending_items=pending_items,
        exceeds_quota=row["created_at"] is None,
    )


async def _add_shards(
    connection: AsyncConnection,
    new_job: NewJob[Any],
    shards: Sequence[NewShard],
    work_before: Sequence[float],
    starts: dict[str, float],
) -> None:
    ranks = [
        starts[shard.model] + before for shard, before in zip(shards, work_before, strict=True)
    ]
    for start in range(0, len(shards), SHARDS_PER_STATEMENT):
        stop = start + SHARDS_PER_STATEMENT
        parameters = _shard_parameters(shards[start:stop], ranks[start:stop])
        await connection.execute(_ADD_SHARDS, {**parameters, **_place(new_job)})


def _place(new_job: NewJob[Any]) -> dict[str, Any]:
    return {"job_id": new_job.job_id, "owner": new_job.owner, "queue": new_job.queue}


def _job_parameters(new_job: NewJob[Any]) -> dict[str, Any]:
    return {
        **_place(new_job),
        "kind": new_job.kind,
        "priority": new_job.priority,
        "request": new_job.request.model_dump_json(),
        "num_items": new_job.num_items,
        "version": new_job.version,
        "key": new_job.idempotency_key,
        "request_sha256": new_job.request_sha256,
        "traceparent": new_job.traceparent,
        "retry_of": new_job.retry_of,
        "deadline_seconds": new_job.deadline_seconds,
    }


def _shard_parameters(shards: Sequence[NewShard], work_before: Sequence[float]) -> dict[str, Any]:
    return {
        "ids": [new_id() for _ in shards],
        "shard_models": [shard.model for shard in shards],
        "first_indices": [shard.first_index for shard in shards],
        "sizes": [shard.size for shard in shards],
        "shard_items": [shard.items for shard in shards],
        "shard_work": [shard.work for shard in shards],
        "work_before": list(work_before),
    }


def _groups(shards: Sequence[NewShard]) -> dict[str, list[NewShard]]:
    """The shards of each model, in the order of their names."""
    groups: dict[str, list[NewShard]] = {}
    for shard in sorted(shards, key=lambda shard: shard.model):
        groups.setdefault(shard.model, []).append(shard)
    return groups


def _work_before(shards: Sequence[NewShard]) -> list[float]:
    """For each shard, the work of the earlier shards of its model."""
    totals: dict[str, float] = defaultdict(float)
    before = []
    for shard in shards:
        before.append(totals[shard.model])
        totals[shard.model] += shard.work
    return before


def check_body(previous_id: UUID, request_sha256: bytes, new_job: NewJob[Any]) -> None:
    """Raise IdempotencyMismatch unless the previous job with this key had the same body."""
    if request_sha256 != new_job.request_sha256:
        raise IdempotencyMismatch(
            f"The idempotency key {new_job.idempotency_key!r} was used for another request; "
            "send the same body, or a new key.",
            job_id=str(previous_id),
        )


def _translate(error: IntegrityError | asyncpg.UniqueViolationError) -> Exception:
    cause = error.orig.__cause__ if isinstance(error, IntegrityError) and error.orig else error
    constraint = getattr(cause, "constraint_name", None)
    if constraint == VERSION_CONSTRAINT:
        return VersionReserved()
    return DuplicateSubmission() if constraint == IDEMPOTENCY_CONSTRAINT else error
