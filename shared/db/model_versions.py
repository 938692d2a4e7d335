"""Registered model versions and their cards.

Several trainings may have produced weights for one version; workers serve those that are promoted
(`promotions.py` beside this file). A version that a client trained has an owner: others do not see
it until it is published.
"""

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Row, Select, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.models import (
    CARD_EXCLUDES,
    Capabilities,
    ModelCard,
    ModelVersion,
    PromotionState,
)
from shared.db.tables.job_tables import jobs
from shared.db.tables.model_tables import models
from shared.errors import NotFound

SelectT = TypeVar("SelectT", bound=Select[Any])

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
        """Insert weights, or update their card, which keeps owner and date of registration.

        New weights of a training belong to its owner, until they are published.
        """
        values = {
            "card": card.model_dump(mode="json", exclude=CARD_EXCLUDES),
            "sampling": card.capabilities.sampling.model_dump(mode="json"),
        }
        owner = select(jobs.c.owner).where(jobs.c.id == card.training.job_id).scalar_subquery()
        await self._connection.execute(
            insert(models)
            .values(version=card.version, sha256=card.sha256, owner=owner, **values)
            .on_conflict_do_update(
                index_elements=["version", "sha256"],
                set_=values,
                where=or_(
                    models.c.card != values["card"],
                    models.c.sampling.is_distinct_from(values["sampling"]),
                ),
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

    async def publish(self, version: str) -> ModelVersion:
        """Let everybody use a version. Idempotent.

        Raises:
            NotFound: the version is not registered.
        """
        rows = await self._connection.execute(
            update(models).where(models.c.version == version).values(owner=None).returning(models)
        )
        found = sorted(map(model_version, rows), key=lambda model: model.registered_at)
        if not found:
            raise NotFound("model", version, models=sorted(await self.names()))
        promoted = [model for model in found if model.promoted_at is not None]
        return (promoted or found)[-1]

    async def owners(self, version: str) -> set[str | None]:
        """The owners of a version's weights; None for weights that everybody may use."""
        rows = await self._connection.scalars(
            select(models.c.owner).where(models.c.version == version).distinct()
        )
        return {*rows}

    async def names(self, visible_to: str | None = None) -> set[str]:
        """The names of the versions that an owner may use; None: of all."""
        query = _visible(select(models.c.version).distinct(), visible_to)
        return {*(await self._connection.scalars(query))}

    async def loaded_names(self, owner: str) -> set[str]:
        """The owner's versions that workers load or are to test, and that are not published."""
        is_pending = and_(models.c.requested_at.is_not(None), models.c.refusal.is_(None))
        rows = await self._connection.scalars(
            select(models.c.version).where(or_(_IS_PROMOTED, is_pending), models.c.owner == owner)
        )
        return {*rows}

    async def promoted_weights(self) -> dict[str, str]:
        """SHA-256 of the promoted weights, by version."""
        rows = await self._connection.execute(
            select(models.c.version, models.c.sha256).where(_IS_PROMOTED).order_by(models.c.version)
        )
        return {row.version: row.sha256 for row in rows}

    async def capabilities(self) -> dict[str | None, dict[str, Capabilities | None]]:
        """By owner, or None for everybody: each version's capabilities.

        They are None if none of the version's weights may be requested.

        Those of the promoted weights, or of a version's first ones, whose promotion is pending.
        Only this part of a card is read: every generation request needs it, and whole cards
        contain learning curves.
        """
        rows = await self._connection.execute(
            select(
                *(models.c.version, models.c.owner),
                *(models.c.promoted_at, models.c.requested_at, models.c.refusal),
                *(models.c.card["capabilities"].label("capabilities"), models.c.sampling),
            ).order_by(models.c.promoted_at.nulls_first(), models.c.requested_at.nulls_first())
        )
        found: dict[str | None, dict[str, Capabilities | None]] = {}
        for row in rows:
            state = promotion_state(row.promoted_at, row.requested_at, row.refusal)
            found.setdefault(row.owner, {})[row.version] = (
                _capabilities(row.capabilities, row.sampling) if state in REQUESTABLE else None
            )
        return found

    async def list_versions(self, visible_to: str | None = None) -> list[ModelVersion]:
        """The weights that an owner may use, or all; promoted ones of a version first.

        They are ordered by version, and then the newest first.
        """
        rows = await self._connection.execute(
            _visible(select(models), visible_to).order_by(
                models.c.version,
                models.c.promoted_at.desc().nulls_last(),
                models.c.registered_at.desc(),
            )
        )
        return [model_version(row) for row in rows]


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
        **row.card | {"capabilities": _capabilities(row.card["capabilities"], row.sampling)},
        registered_at=row.registered_at,
        promoted_at=row.promoted_at,
        promotion=promotion_state(row.promoted_at, row.requested_at, row.refusal),
        promotion_detail=row.refusal,
        data_error=row.data_error,
        owner=row.owner,
    )


def _capabilities(stored: dict[str, Any], sampling: dict[str, Any] | None) -> Capabilities:
    """Capabilities with the sampling defaults; rows of earlier releases have none."""
    return Capabilities.model_validate(
        stored | ({} if sampling is None else {"sampling": sampling})
    )


def _visible(query: SelectT, owner: str | None) -> SelectT:
    """The query, without the versions of other owners; None: it stays as it is."""
    if owner is None:
        return query
    return query.where(or_(models.c.owner.is_(None), models.c.owner == owner))
