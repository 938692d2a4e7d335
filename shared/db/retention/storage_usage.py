"""How many bytes the data sets and the trained versions of an owner take."""

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.account.usage import StorageUsage
from ostinato.schemas.models import ModelCard
from shared.db.tables.model_tables import models
from shared.errors import StorageQuotaExceeded

_USED = text("""
    SELECT (
        SELECT coalesce(sum(num_bytes), 0)::bigint FROM datasets JOIN jobs USING (id)
        WHERE datasets.owner = :owner AND jobs.state NOT IN ('failed', 'cancelled')
    ) AS datasets, (
        SELECT coalesce(sum(num_bytes), 0)::bigint FROM models
        JOIN jobs ON jobs.id = CAST(models.card -> 'training' ->> 'job_id' AS uuid)
        WHERE jobs.owner = :owner
    ) AS models
""")
"""Zips of data sets that cannot be used are deleted, so they do not count."""


async def storage_usage(connection: AsyncConnection, owner: str, max_bytes: int) -> StorageUsage:
    """What an owner stores, and how much it may store."""
    row = (await connection.execute(_USED, {"owner": owner})).one()
    return StorageUsage(datasets_bytes=row.datasets, models_bytes=row.models, max_bytes=max_bytes)


async def check_storage(
    connection: AsyncConnection, owner: str, max_bytes: int, *, new_bytes: int
) -> None:
    """Check that an owner may store more; until the transaction ends, others wait to check it.

    `new_bytes`: 0 if they are not known yet.

    Raises:
        StorageQuotaExceeded: it would store more than `max_bytes`.
    """
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"storage of {owner}", 0))
    await connection.execute(select(lock))
    usage = await storage_usage(connection, owner, max_bytes)
    used = usage.datasets_bytes + usage.models_bytes
    if used + max(new_bytes, 1) > max_bytes:
        needed = f", and this needs {new_bytes:,} more" if new_bytes else ""
        raise StorageQuotaExceeded(
            f"You store {used:,} of at most {max_bytes:,} bytes ({usage.datasets_bytes:,} in data "
            f"sets, {usage.models_bytes:,} in trained versions){needed}: delete data sets or "
            "versions that you no longer need.",
            used_bytes=used,
            max_bytes=max_bytes,
        )


async def set_num_bytes(connection: AsyncConnection, card: ModelCard, num_bytes: int) -> None:
    """Record the size of the files of registered weights."""
    await connection.execute(
        update(models)
        .where(
            models.c.version == card.version,
            models.c.sha256 == card.sha256,
            models.c.num_bytes.is_distinct_from(num_bytes),
        )
        .values(num_bytes=num_bytes)
    )
