"""Inserts jobs with their shards, in fair order between owners."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.jobs import JobState
from shared.db.driver import Connection, DriverConnection, Record, fetch
from shared.db.job_queue.submission_statements import ADD_SHARDS, SUBMIT
from shared.db.new_job import NewJob, NewShard
from shared.db.webhooks.job_webhooks import add_job_webhook
from shared.errors import IdempotencyMismatch
from shared.ids import new_id

SHARDS_PER_STATEMENT = 200
"""The first statement inserts that many shards: all of a generation job. A large batch needs
further statements in the same transaction."""
VERSION_CONSTRAINT = "jobs_version"


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


class Quota(NamedTuple):
    """How many unfinished items an owner may have in some queues."""

    queues: Sequence[str] = ()
    max_pending_items: int = 2**62


UNLIMITED = Quota()


class VersionReserved(Exception):
    """Another job has reserved the model version."""


async def submit(
    connection: Connection,
    new_job: NewJob[Any],
    *,
    quota: Quota = UNLIMITED,
) -> Submission:
    """Insert a job unless its id or its idempotency key is known, in one statement if it is small.

    The job is not inserted if the owner would exceed the quota. A webhook needs a statement of its
    own, in the same transaction, which is the caller's.

    Raises:
        IdempotencyMismatch: the key was sent with another body before.
        VersionReserved: another job has reserved the model version of this one.
    """
    shards = new_job.shards
    parameters = _parameters(new_job, quota)
    try:
        (row,) = await fetch(connection, SUBMIT, parameters)
    except IntegrityError as error:
        cause = error.orig and error.orig.__cause__
        if getattr(cause, "constraint_name", None) == VERSION_CONSTRAINT:
            raise VersionReserved from error
        raise
    rest = shards[SHARDS_PER_STATEMENT:]
    if row["job_created_at"] is not None and rest:
        assert isinstance(connection, AsyncConnection)  # noqa: S101 - see SHARDS_PER_STATEMENT
        work_before = _work_before(shards)[SHARDS_PER_STATEMENT:]
        starts = dict(zip(parameters["models"], row["starts"], strict=True))
        await _add_shards(connection, new_job, rest, work_before, starts)
    if row["job_created_at"] is not None and new_job.webhook is not None:
        await add_job_webhook(connection, new_job.job_id, new_job.webhook)
    return _submission(new_job, row)


async def submit_together(
    connection: DriverConnection,
    new_jobs: Sequence[NewJob[Any]],
    *,
    quota: Quota,
) -> list[Submission | IdempotencyMismatch]:
    """Insert generation jobs, as `submit` does each of them, in one transaction and round trip.

    They have no webhooks.
    """
    parameters = [_parameters(job, quota) for job in new_jobs]
    rows = await connection.fetch_each(SUBMIT, parameters)
    return [_submission_or_error(job, row) for job, row in zip(new_jobs, rows, strict=True)]


def _submission_or_error(new_job: NewJob[Any], row: Record) -> Submission | IdempotencyMismatch:
    try:
        return _submission(new_job, row)
    except IdempotencyMismatch as error:
        return error


def _submission(new_job: NewJob[Any], row: Record) -> Submission:
    previous_id, pending_items = row["previous_id"], row["owner_pending_items"] or 0
    if previous_id is not None:
        check_body(previous_id, row["previous_sha256"], new_job)
        return Submission(job_id=previous_id, created_at=None, pending_items=pending_items)
    return Submission(
        job_id=new_job.job_id,
        created_at=row["job_created_at"],
        pending_items=pending_items,
        exceeds_quota=row["job_created_at"] is None,
    )


def _parameters(new_job: NewJob[Any], quota: Quota) -> dict[str, Any]:
    shards = new_job.shards
    groups = _groups(shards)
    return {
        **_job_parameters(new_job),
        **_shard_parameters(shards[:SHARDS_PER_STATEMENT], _work_before(shards)),
        "quota_queues": list(quota.queues),
        "max_pending_items": quota.max_pending_items,
        "models": list(groups),
        "items": [sum(shard.size for shard in group) for group in groups.values()],
        "work": [sum(shard.work for shard in group) for group in groups.values()],
        "payload": json.dumps(
            {"state": JobState.QUEUED, "queue": new_job.queue, "shards": len(shards)}
        ),
    }


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
        await connection.execute(ADD_SHARDS, {**parameters, **_place(new_job)})


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
        "key_id": new_job.key_id,
    }


def _shard_parameters(shards: Sequence[NewShard], work_before: Sequence[float]) -> dict[str, Any]:
    return {
        "ids": [new_id() for _ in shards],
        "shard_models": [shard.model for shard in shards],
        "first_indices": [shard.first_index for shard in shards],
        "sizes": [shard.size for shard in shards],
        "shard_items": [shard.items for shard in shards],
        "shard_work": [shard.work for shard in shards],
        "work_before": list(work_before[: len(shards)]),
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
