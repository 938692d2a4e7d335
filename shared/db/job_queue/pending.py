"""Counters of unfinished items by owner, queue and model.

They are kept in the transactions that change shards. Quotas read all unfinished items, autoscalers
those that are not paused.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

OwnerQueueItems = tuple[str, str, str, int]
"""Owner, queue, model, number of items."""

# The rows are locked in order, so that two transactions never wait for each other.
_SUBTRACT = text("""
    UPDATE owner_queues AS place SET pending_items = place.pending_items - locked.items
    FROM (
        SELECT ended.* FROM (
            SELECT owner, queue, model, sum(items) AS items FROM unnest(
                CAST(:owners AS text[]), CAST(:queues AS text[]), CAST(:models AS text[]),
                CAST(:items AS integer[])
            ) AS part (owner, queue, model, items) GROUP BY owner, queue, model
        ) AS ended JOIN owner_queues AS row USING (owner, queue, model)
        ORDER BY owner, queue, model FOR NO KEY UPDATE OF row
    ) AS locked
    WHERE place.owner = locked.owner AND place.queue = locked.queue AND place.model = locked.model
""")
_ADD_PAUSED = text("""
    UPDATE owner_queues SET paused_items = paused_items + CAST(:items AS integer)
    WHERE owner = CAST(:owner AS text) AND queue = CAST(:queue AS text)
        AND model = CAST(:model AS text)
""")
# One row for each owner with unfinished items, however many shards are queued.
_TOTALS = text("""
    SELECT queue, model, sum(pending_items - paused_items)::bigint AS items FROM owner_queues
    WHERE pending_items > 0 GROUP BY queue, model
""")
_OF_MODEL = text("""
    SELECT coalesce(sum(pending_items) FILTER (WHERE owner = :owner), 0)::bigint AS of_owner,
        coalesce(sum(pending_items) FILTER (WHERE owner <> :owner), 0)::bigint AS of_others
    FROM owner_queues
    WHERE queue = ANY(CAST(:queues AS text[])) AND model = :model AND pending_items > 0
""")


class ModelItems(NamedTuple):
    """The unfinished items of one model, paused ones included."""

    of_owner: int
    of_others: int


async def subtract_pending(connection: AsyncConnection, ended: Sequence[OwnerQueueItems]) -> None:
    """Count these items as ended."""
    owners, queues, models, items = zip(*ended, strict=True)
    await connection.execute(
        _SUBTRACT,
        {
            "owners": list(owners),
            "queues": list(queues),
            "models": list(models),
            "items": list(items),
        },
    )


async def add_paused(
    connection: AsyncConnection, owner: str, queue: str, model: str, items: int
) -> None:
    """Count unfinished items of a shard as paused."""
    await connection.execute(
        _ADD_PAUSED, {"owner": owner, "queue": queue, "model": model, "items": items}
    )


async def pending_items(connection: AsyncConnection) -> list[tuple[str, str, int]]:
    """The queued and running items of all owners: (queue, model, number)."""
    return [(row.queue, row.model, row.items) for row in await connection.execute(_TOTALS)]


async def items_of_model(
    connection: AsyncConnection, queues: Sequence[str], model: str, owner: str
) -> ModelItems:
    """The unfinished items of a model in these queues, those of one owner apart from the others."""
    parameters = {"queues": list(queues), "model": model, "owner": owner}
    return ModelItems(*(await connection.execute(_OF_MODEL, parameters)).one())
