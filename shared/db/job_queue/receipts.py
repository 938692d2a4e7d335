"""Receipts of jobs: shards with their leases, and the hashes of their melodies.

A trigger records the leases in the rows of the shards (migration 0018).
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.receipts import JobReceipt, Lease, MelodyReceipt, ShardReceipt
from shared.db.job_queue.endings import cancel_seconds, job_state, stopped_counts
from shared.db.job_queue.literals import LITERAL_LIMIT
from shared.db.tables.job_tables import jobs
from shared.db.tables.melody_tables import primers
from shared.errors import NotFound

_SHARDS = text("""
    SELECT first_index, size, state, attempt, crashes, items, leases FROM shards
    WHERE job_id = :job_id AND first_index > CAST(:after AS integer)
    ORDER BY first_index LIMIT :limit
""").bindparams(LITERAL_LIMIT)
_MELODIES = text("""
    SELECT index, id, custom_id, seed, encode(sha256(midi), 'hex') AS sha256, bars, partial,
        attempt, model, model_sha256, numerics
    FROM unnest(CAST(:indices AS integer[])) AS wanted (index) JOIN melodies USING (index)
    WHERE job_id = CAST(:job_id AS uuid)
    ORDER BY index
""")


class Receipts:
    """The receipts of jobs, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, job_id: UUID, owner: str, *, after: int, limit: int) -> JobReceipt:
        """The receipt of one of the owner's jobs, with the shards after first index `after`.

        Raises:
            NotFound: the owner has no such job.
        """
        query = select(jobs).where(jobs.c.id == job_id, jobs.c.owner == owner)
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            raise NotFound("job", job_id)
        parameters = {"job_id": job_id, "after": after, "limit": limit}
        shards = (await self._connection.execute(_SHARDS, parameters)).all()
        return JobReceipt(
            **_job_fields(row),
            primers=await self._primers(_primer_ids(row, shards)),
            shards=await self._shards(job_id, shards),
            next_cursor=str(shards[-1].first_index) if len(shards) == limit else None,
        )

    async def _shards(self, job_id: UUID, shards: Sequence[Row[Any]]) -> list[ShardReceipt]:
        indices = [index for shard in shards for index in _requests(shard)]
        rows = await self._connection.execute(_MELODIES, {"job_id": job_id, "indices": indices})
        melodies = {row["index"]: row for row in rows.mappings()}
        return [
            ShardReceipt(
                first_index=shard.first_index,
                size=shard.size,
                state=shard.state,
                attempts=shard.attempt,
                crashes=shard.crashes,
                leases=[Lease.model_validate(lease) for lease in shard.leases or ()],
                melodies=[
                    MelodyReceipt(**melodies[index], request=request)
                    for index, request in _requests(shard).items()
                    if index in melodies
                ],
            )
            for shard in shards
        ]

    async def _primers(self, primer_ids: set[UUID]) -> dict[UUID, str]:
        if not primer_ids:
            return {}
        rows = await self._connection.execute(
            select(primers.c.id, primers.c.midi_sha256).where(
                primers.c.id.in_(primer_ids), primers.c.midi_sha256.is_not(None)
            )
        )
        return {row.id: row.midi_sha256.hex() for row in rows}


def _job_fields(row: Row[Any]) -> dict[str, Any]:
    values = dict(row._mapping)  # noqa: SLF001 - public API of Row
    copied = ("id", "kind", "request", "num_items", "succeeded", "failed", "created_at")
    return {
        **{name: values[name] for name in (*copied, "started_at", "finished_at")},
        **stopped_counts(values),
        "state": job_state(row.state, is_expired=row.is_expired),
        "request_sha256": row.request_sha256.hex(),
        "cancel_seconds": cancel_seconds(values),
    }


def _requests(shard: Row[Any]) -> dict[int, dict[str, Any] | None]:
    """The items of a shard by index: their requests, or None if they share that of the job."""
    if shard.items is None:
        return dict.fromkeys(range(shard.first_index, shard.first_index + shard.size))
    return {item["index"]: item["request"] for item in shard.items}


def _primer_ids(job: Row[Any], shards: Iterable[Row[Any]]) -> set[UUID]:
    requests = [job.request, job.request.get("request")]
    requests += [request for shard in shards for request in _requests(shard).values()]
    found = {request.get("primer_id") for request in requests if request is not None}
    return {UUID(primer_id) for primer_id in found if primer_id is not None}
