"""A shard that a worker holds, and the condition under which it still does."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, literal_column

from shared.db.job_queue.isolation import ISOLATION_CRASHES
from shared.db.tables.queue_tables import shards
from shared.logs import trace_field

IS_RUNNING = shards.c.state == literal_column("'running'")
"""A literal, because a bind parameter cannot match the condition of a partial index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedShard:
    """A shard that a worker holds until its lease expires."""

    shard_id: UUID
    job_id: UUID
    owner: str
    attempt: int
    """The fencing token."""
    num_items: int
    """The number of melodies; 1 for the other kinds of jobs."""
    crashes: int
    """Attempts whose process died, for a cause that is not known."""
    job_age: float = 0.0
    """Seconds from the submission of the job to the claim, by the clock of PostgreSQL."""
    traceparent: str | None = None
    """The W3C trace context of the request that submitted the job."""

    @property
    def log_fields(self) -> dict[str, str]:
        """The ids that log lines about it have."""
        return {"job": str(self.job_id), "shard": str(self.shard_id)} | trace_field(
            self.traceparent
        )

    @property
    def is_isolated(self) -> bool:
        """Whether it must run without other shards, because it may be what crashes workers."""
        return self.crashes >= ISOLATION_CRASHES


def lease_fields(row: Row[Any]) -> dict[str, Any]:
    """The fields of `LeasedShard` from a row of shards."""
    return {
        "shard_id": row.id,
        "job_id": row.job_id,
        "owner": row.owner,
        "attempt": row.attempt,
        "num_items": row.size,
        "crashes": row.crashes,
        "job_age": row.job_age,
        "traceparent": row.traceparent,
    }


def held_under(shard: LeasedShard) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which the worker still holds the shard."""
    return shards.c.id == shard.shard_id, shards.c.attempt == shard.attempt, IS_RUNNING
