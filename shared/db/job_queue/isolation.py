"""Claims of isolated shards, which run with nothing beside them.

A process first reserves such a shard, so that no other one waits for it, and claims it once it is
idle. A shard that has also crashed a process in which it ran alone needs a fresh one, whose crash
counts against it if it has completed a canary before.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.worker_identity import WorkerIdentity

ISOLATION_CRASHES = 2
"""A shard with this many crashes is isolated; the queries contain it for the partial indexes."""
ANY_CRASHES = 2**31 - 1

# The shards of a queue and model that other processes have reserved are at most as many as these.
_RESERVE = text("""
    UPDATE shards SET worker_id = :worker_id,
        lease_expires_at = now() + CAST(:lease_duration AS interval)
    WHERE id = (
        SELECT head.id FROM unnest(CAST(:queues AS text[])) AS wanted (queue)
        CROSS JOIN unnest(CAST(:models AS text[])) AS loaded (model)
        CROSS JOIN LATERAL (
            SELECT id, rank, worker_id FROM shards
            WHERE shards.queue = wanted.queue AND shards.model = loaded.model
                AND state = 'queued' AND crashes >= 2
                AND crashes <= CAST(:max_crashes AS integer)
                AND (worker_id = :worker_id OR lease_expires_at IS NULL OR lease_expires_at < now())
            ORDER BY rank LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
        ) AS head
        ORDER BY worker_id IS NOT DISTINCT FROM :worker_id DESC, rank LIMIT 1
    )
    RETURNING id, model, crashes
""")
# Without a condition on `crashes`, with which the planner may read the index of isolated shards.
_RESERVE_SHARD = text("""
    UPDATE shards SET worker_id = :worker_id,
        lease_expires_at = now() + CAST(:lease_duration AS interval)
    WHERE id = :shard_id AND state = 'queued'
        AND (worker_id = :worker_id OR lease_expires_at IS NULL OR lease_expires_at < now())
    RETURNING id, model, crashes
""")
_CANCEL = text("""
    UPDATE shards SET worker_id = NULL, lease_expires_at = NULL
    WHERE id = :shard_id AND state = 'queued' AND worker_id = :worker_id
""")
# The canary is used up, because the process is not fresh any more.
_CLAIM = text("""
    WITH fresh AS (
        SELECT canary_model FROM workers WHERE id = :worker_id
    ), used AS (
        UPDATE workers SET canary_model = NULL WHERE id = :worker_id AND canary_model IS NOT NULL
    ), claimed AS (
        UPDATE shards SET attempt = attempt + 1, state = 'running', worker_id = :worker_id,
            isolated_attempt = CASE
                WHEN model = (SELECT canary_model FROM fresh) THEN attempt + 1 END,
            lease_expires_at = now() + CAST(:lease_duration AS interval)
        WHERE id = :shard_id AND state = 'queued' AND worker_id = :worker_id
        RETURNING *
    )
    SELECT claimed.*, jobs.request, jobs.priority, jobs.kind, jobs.traceparent,
        extract(epoch FROM now() - jobs.created_at)::float8 AS job_age
    FROM claimed JOIN jobs ON jobs.id = claimed.job_id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """An isolated shard that only one process may claim, until its lease expires."""

    shard_id: UUID
    model: str
    crashes: int

    @property
    def needs_fresh_process(self) -> bool:
        """Whether it has crashed a process in which it ran alone."""
        return self.crashes > ISOLATION_CRASHES


class IsolatedClaims:
    """Reservations and claims of one worker or trainer."""

    def __init__(self, connection: AsyncConnection, worker: WorkerIdentity) -> None:
        self._connection = connection
        self._worker_id = worker.id
        self._lease = {"worker_id": worker.id, "lease_duration": worker.lease_duration}

    async def reserve(
        self, queues: Collection[str], models: Collection[str], *, max_crashes: int = ANY_CRASHES
    ) -> Reservation | None:
        """Reserve the next isolated shard, or keep the reservation."""
        parameters = {"queues": list(queues), "models": list(models), "max_crashes": max_crashes}
        rows = await self._connection.execute(_RESERVE, self._lease | parameters)
        return _reservation(rows.one_or_none())

    async def reserve_shard(self, shard_id: UUID) -> Reservation | None:
        """Reserve this shard; None if it has ended, is paused, or is of another process."""
        rows = await self._connection.execute(_RESERVE_SHARD, {**self._lease, "shard_id": shard_id})
        return _reservation(rows.one_or_none())

    async def cancel(self, reservation: Reservation) -> None:
        """Let other processes reserve the shard."""
        parameters = {"worker_id": self._worker_id, "shard_id": reservation.shard_id}
        await self._connection.execute(_CANCEL, parameters)

    async def claim(self, shard_id: UUID) -> Row[Any] | None:
        """Claim a reserved shard; None if it was cancelled, or the reservation has expired."""
        rows = await self._connection.execute(_CLAIM, {**self._lease, "shard_id": shard_id})
        return rows.one_or_none()


def _reservation(row: Row[Any] | None) -> Reservation | None:
    if row is None:
        return None
    return Reservation(shard_id=row.id, model=row.model, crashes=row.crashes)
