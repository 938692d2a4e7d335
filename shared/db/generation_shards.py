"""Shards of generation jobs, claimed with their items: one melody each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, literal_column, select, text

from ostinato.schemas.generations import GenerationRequest, Priority
from ostinato.schemas.jobs import JobKind
from shared.db.job_queue.claims import Claims
from shared.db.job_queue.isolation import IsolatedClaims
from shared.db.job_queue.leased_shard import IS_RUNNING, LeasedShard, lease_fields
from shared.db.job_queue.leases import ShardLeases
from shared.db.primers import STORED_PRIMER, StoredPrimer
from shared.db.tables.job_tables import jobs
from shared.db.tables.melody_tables import primers
from shared.db.tables.queue_tables import shards
from shared.worker_identity import WorkerIdentity

IS_CANCELLING = jobs.c.state == literal_column("'cancelling'")

_ENDED_ITEMS = text("""
    SELECT index FROM melodies WHERE job_id = :job_id AND index = ANY(CAST(:indices AS integer[]))
    UNION ALL
    SELECT index FROM item_errors
    WHERE job_id = :job_id AND index = ANY(CAST(:indices AS integer[]))
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardItem:
    """One melody to generate."""

    index: int
    """Its index in the job."""
    seed: int
    request: GenerationRequest
    """Its parameters; the items of a job with one request share it."""
    custom_id: str | None = None
    """The client's name for it, in a batch."""
    primer: StoredPrimer | None = None
    """None if the request has none, or if it was deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedShard(LeasedShard):
    """A shard of melodies that a worker holds until its lease expires."""

    model: str
    """The version that generates all its items."""
    is_interactive: bool
    """Whether a client streams the notes while they are generated."""
    is_batch: bool = False
    """Whether its event stream has counts instead of melodies."""
    items: Sequence[ShardItem]
    """The items that have not ended: all of them, unless an earlier attempt ended some."""


class GenerationShards(ShardLeases):
    """The shards of melodies, inside the caller's transaction."""

    async def claim(
        self,
        queue: str,
        models: Collection[str],
        *,
        worker: WorkerIdentity,
        max_items: int,
        held_items: Mapping[str, int] | None = None,
        max_items_per_owner: int | None = None,
    ) -> list[ClaimedShard]:
        """Claim shards with at least `max_items` melodies in all, if that many are queued.

        `held_items` are the melodies that each owner has in the claiming worker; no shard is
        claimed for an owner with `max_items_per_owner` of them.
        """
        rows = await Claims(self._connection, worker).claim(
            queue,
            models,
            max_items=max_items,
            held_items=held_items,
            max_items_per_owner=max_items_per_owner,
        )
        return [await self._claimed(row) for row in rows]

    async def claim_isolated(self, shard_id: UUID, worker: WorkerIdentity) -> ClaimedShard | None:
        """Claim a shard that this worker reserved; None if it was cancelled or paused."""
        row = await IsolatedClaims(self._connection, worker).claim(shard_id)
        return None if row is None else await self._claimed(row)

    async def _claimed(self, row: Row[Any]) -> ClaimedShard:
        items = _items(row)
        if row.ended_items:
            ended = await self._connection.scalars(
                _ENDED_ITEMS, {"job_id": row.job_id, "indices": [item.index for item in items]}
            )
            known = set(ended)
            items = [item for item in items if item.index not in known]
        return ClaimedShard(
            **lease_fields(row),
            model=row.model,
            is_interactive=row.priority == Priority.INTERACTIVE,
            is_batch=row.kind == JobKind.BATCH,
            items=await self._with_primers(items),
        )

    async def _with_primers(self, items: list[ShardItem]) -> list[ShardItem]:
        ids = {item.request.primer_id for item in items} - {None}
        if not ids:
            return items
        rows = await self._connection.execute(
            select(primers.c.id, *STORED_PRIMER).where(primers.c.id.in_(ids))
        )
        found = {row.id: StoredPrimer.from_row(row) for row in rows}
        return [replace(item, primer=found.get(item.request.primer_id)) for item in items]

    async def cancel_requested(self, worker_id: UUID) -> list[UUID]:
        """The worker's shards whose jobs are being cancelled."""
        rows = await self._connection.scalars(
            select(shards.c.id)
            .join(jobs, jobs.c.id == shards.c.job_id)
            .where(shards.c.worker_id == worker_id, IS_RUNNING, IS_CANCELLING)
        )
        return list(rows)


def _items(row: Row[Any]) -> list[ShardItem]:
    """All items of a claimed shard."""
    if row.items is not None:
        return [
            ShardItem(
                index=item["index"],
                seed=item["request"]["seed"],
                custom_id=item["custom_id"],
                request=GenerationRequest.model_validate(item["request"]),
            )
            for item in row.items
        ]
    common = row.request["request"] if row.kind == JobKind.BATCH else row.request
    request = GenerationRequest.model_validate(common)
    indices = range(row.first_index, row.first_index + row.size)
    return [
        ShardItem(index=index, seed=request.resolved_seed + index, request=request)
        for index in indices
    ]
