"""Deletes versions of their owners; the trainer deletes the files afterwards.

A version belongs to the owner of the training that produced it.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.tables.job_tables import jobs
from shared.db.tables.model_tables import models
from shared.errors import Conflict, Forbidden, NotFound

_STARTS_FROM = text("""
    SELECT id FROM jobs
    WHERE owner = :owner AND kind = 'training' AND request ->> 'base' = :version
        AND state IN ('queued', 'running', 'paused', 'cancelling')
    LIMIT 1
""")
_DELETE = text("""
    WITH deleted AS (
        DELETE FROM models WHERE version = :version RETURNING version, sha256
    ), released AS (
        UPDATE jobs SET version = NULL WHERE id = ANY(CAST(:training_ids AS uuid[]))
    )
    INSERT INTO deleted_models (version, sha256) SELECT version, sha256 FROM deleted
    ON CONFLICT DO NOTHING
""")
_TAKE = text("""
    SELECT version, sha256 FROM deleted_models ORDER BY version, sha256
    LIMIT 10 FOR UPDATE SKIP LOCKED
""")
_MARK_MISSING_UPLOADS = text("""
    UPDATE models SET data_error = 'The data set that it was trained on was deleted.'
    FROM (
        SELECT version, sha256, CAST(substring(
            card -> 'training' -> 'request' ->> 'dataset' FROM '^[0-9a-f-]{36}$'
        ) AS uuid) AS dataset_id
        FROM models
    ) AS trained
    WHERE models.version = trained.version AND models.sha256 = trained.sha256
        AND models.data_error IS NULL AND trained.dataset_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM datasets WHERE datasets.id = trained.dataset_id)
""")
_FORGET_WEIGHTS = text("""
    WITH registered_again AS (
        DELETE FROM models WHERE version = :version AND sha256 = :sha256
    )
    DELETE FROM deleted_models WHERE version = :version AND sha256 = :sha256
""")


class Weights(NamedTuple):
    """Weights of a model version."""

    version: str
    sha256: str


async def delete_version(connection: AsyncConnection, version: str, owner: str) -> None:
    """Delete a version that trainings of the owner produced; its name is free again.

    Raises:
        NotFound: the version is not registered.
        Forbidden: some of its weights are not from a training of this owner.
        Conflict: it is promoted or about to be, or the base of an unfinished training of the owner.
    """
    training_id = models.c.card["training"]["job_id"].astext
    found = await connection.execute(
        select(models.c.promoted_at, models.c.requested_at, training_id.label("training_id"))
        .where(models.c.version == version)
        .with_for_update()
    )
    rows = found.all()
    if not rows:
        raise NotFound("model", version)
    training_ids = {UUID(row.training_id) for row in rows if row.training_id is not None}
    own = set(
        await connection.scalars(
            select(jobs.c.id).where(jobs.c.id.in_(training_ids), jobs.c.owner == owner)
        )
    )
    if own != training_ids or any(row.training_id is None for row in rows):
        raise Forbidden(
            f"Only versions that your own trainings produced can be deleted, and {version} is not "
            "one of them."
        )
    if any(row.promoted_at is not None for row in rows):
        raise Conflict(
            f"Workers serve {version}: only a version that is not promoted can be deleted; demote "
            f"it first: POST /v1/models/{version}/demote."
        )
    if any(row.requested_at is not None for row in rows):
        raise Conflict(
            f"The promotion of {version} is requested; wait until a worker has tested it, or end "
            f"the request: POST /v1/models/{version}/demote."
        )
    await _check_base(connection, version, owner)
    await connection.execute(_DELETE, {"version": version, "training_ids": list(training_ids)})


async def _check_base(connection: AsyncConnection, version: str, owner: str) -> None:
    used_by = await connection.scalar(_STARTS_FROM, {"owner": owner, "version": version})
    if used_by is not None:
        raise Conflict(
            f"The training {used_by} starts from {version} and has not ended; wait for the "
            "training, or cancel it."
        )


async def mark_missing_uploads(connection: AsyncConnection) -> None:
    """Record which versions cannot be evaluated because their uploaded data set was deleted."""
    await connection.execute(_MARK_MISSING_UPLOADS)


async def take_deleted_weights(connection: AsyncConnection) -> Sequence[Weights]:
    """Lock weights whose files are still to be deleted, at most ten."""
    return [Weights(*row) for row in await connection.execute(_TAKE)]


async def deleted_weights(connection: AsyncConnection) -> set[Weights]:
    """All weights whose files are still to be deleted."""
    rows = await connection.execute(text("SELECT version, sha256 FROM deleted_models"))
    return {Weights(*row) for row in rows}


async def forget_weights(connection: AsyncConnection, weights: Weights) -> None:
    """Record that the files of weights are deleted, also if a trainer registered them again."""
    await connection.execute(_FORGET_WEIGHTS, weights._asdict())
