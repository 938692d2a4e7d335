"""Registered model versions and their cards.

Several trainings may have produced weights for one version; workers serve those that are promoted
(`promotions.py` beside this file).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.models import Capabilities, ModelCard, ModelVersion, PromotionState
from shared.db.database import Database
from shared.db.tables.model_tables import models

_IS_PROMOTED = models.c.promoted_at.is_not(None)

REQUESTABLE: frozenset[PromotionState | None] = frozenset(
    {PromotionState.PENDING, PromotionState.PROMOTED}
)
"""The states of weights that a request may name; jobs for pending weights wait."""


class ModelVersions:
    """The model versions, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def register(self, card: ModelCard) -> None:
        """Insert weights, or update their card, which keeps the date of registration."""
        values = {"card": card.model_dump(mode="json")}
        await self._connection.execute(
            insert(models)
            .values(version=card.version, sha256=card.sha256, **values)
            .on_conflict_do_update(
                index_elements=["version", "sha256"],
                set_=values,
                where=models.c.card != values["card"],
            )
        )

    async def set_data_error(self, card: ModelCard, error: str | None) -> None:
        """Record why the trainer cannot read the music of registered weights; None if it can."""
        await self._connection.execute(
            update(models)
            .where(
                models.c.version == card.version,
                models.c.sha256 == card.sha256,
                models.c.data_error.is_distinct_from(error),
            )
            .values(data_error=error)
        )

    async def lock(self, version: str, sha256: str) -> None:
        """Let only this transaction update the card of these weights until it ends."""
        await self._connection.execute(
            select(models.c.version)
            .where(models.c.version == version, models.c.sha256 == sha256)
            .with_for_update()
        )

    async def promoted_weights(self) -> dict[str, str]:
        """SHA-256 of the promoted weights, by version."""
        rows = await self._connection.execute(
            select(models.c.version, models.c.sha256).where(_IS_PROMOTED).order_by(models.c.version)
        )
        return {row.version: row.sha256 for row in rows}

    async def capabilities(self) -> dict[str, Capabilities | None]:
        """The capabilities of each version; None if none of its weights may be requested.

        Those of the promoted weights, or of a version's first ones, whose promotion is pending.
        Only this part of a card is read: every generation request needs it, and whole cards
        contain learning curves.
        """
        rows = await self._connection.execute(
            select(
                *(models.c.version, models.c.promoted_at, models.c.requested_at, models.c.refusal),
                models.c.card["capabilities"].label("capabilities"),
            ).order_by(models.c.promoted_at.nulls_first(), models.c.requested_at.nulls_first())
        )
        return {
            row.version: Capabilities.model_validate(row.capabilities)
            if promotion_state(row.promoted_at, row.requested_at, row.refusal) in REQUESTABLE
            else None
            for row in rows
        }

    async def list_versions(self) -> list[ModelVersion]:
        """All weights of all versions, by version; promoted weights first, then the newest."""
        rows = await self._connection.execute(
            select(models).order_by(
                models.c.version,
                models.c.promoted_at.desc().nulls_last(),
                models.c.registered_at.desc(),
            )
        )
        return [model_version(row) for row in rows]


async def read_capabilities(database: Database) -> dict[str, Capabilities | None]:
    """`ModelVersions.capabilities` over a connection of the pool.

    Raises:
        Unavailable: PostgreSQL does not answer.
    """
    async with database.connection() as connection:
        return await ModelVersions(connection).capabilities()


def promotion_state(
    promoted_at: datetime | None, requested_at: datetime | None, refusal: str | None
) -> PromotionState | None:
    """The state of the promotion of weights, from the columns of their row."""
    if promoted_at is not None:
        return PromotionState.PROMOTED
    if refusal is not None:
        return PromotionState.REFUSED
    return None if requested_at is None else PromotionState.PENDING


def model_version(row: Row[Any]) -> ModelVersion:
    """Weights as clients see them; only the gateway knows which workers serve them."""
    return ModelVersion(
        **row.card,
        registered_at=row.registered_at,
        promoted_at=row.promoted_at,
        promotion=promotion_state(row.promoted_at, row.requested_at, row.refusal),
        promotion_detail=row.refusal,
        data_error=row.data_error,
    )
