"""The registered model versions: their cards, as their trainers wrote them.

A version may have been trained several times; the weights that are promoted are those that workers
play. Refuses to know where weights lie.
"""

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.models import Capabilities, ModelCard, ModelVersion
from shared.db.tables import models
from shared.errors import NotFound

_IS_PROMOTED = models.c.promoted_at.is_not(None)


class Models:
    """The versions inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def register(self, card: ModelCard) -> None:
        """Make weights known, or renew their card, which does not make the weights any newer."""
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

    async def lock(self, version: str, sha256: str) -> None:
        """Be the only one who renews the card of these weights, until the transaction ends."""
        await self._connection.execute(
            select(models.c.version)
            .where(models.c.version == version, models.c.sha256 == sha256)
            .with_for_update()
        )

    async def promote(self, version: str, sha256: str | None = None) -> ModelVersion:
        """Let these weights be played, or else the newest of the version, instead of any other.

        Raises:
            NotFound: there are none such.
        """
        found = await self._connection.scalar(
            select(models.c.sha256)
            .where(models.c.version == version, models.c.sha256 == (sha256 or models.c.sha256))
            .order_by(models.c.registered_at.desc())
            .limit(1)
        )
        if found is None:
            named = version if sha256 is None else f"{version} with weights {sha256}"
            raise NotFound("model", named, known=list(await self.promoted()))
        chosen = (models.c.version == version, models.c.sha256 == found)
        await self._connection.execute(
            update(models)
            .where(models.c.version == version, models.c.sha256 != found)
            .values(promoted_at=None)
        )
        await self._connection.execute(
            update(models).where(*chosen, ~_IS_PROMOTED).values(promoted_at=func.now())
        )
        return _version((await self._connection.execute(select(models).where(*chosen))).one())

    async def promoted(self) -> dict[str, str]:
        """The weights that are to be played, by version."""
        rows = await self._connection.execute(
            select(models.c.version, models.c.sha256).where(_IS_PROMOTED).order_by(models.c.version)
        )
        return {row.version: row.sha256 for row in rows}

    async def capabilities(self) -> dict[str, Capabilities | None]:
        """What each version can do; None for one that waits for somebody to promote it.

        Not the whole cards: they hold learning curves, and every request asks.
        """
        rows = await self._connection.execute(
            select(
                models.c.version,
                models.c.promoted_at,
                models.c.card["capabilities"].label("capabilities"),
            ).order_by(models.c.promoted_at.nulls_first())
        )
        return {
            row.version: row.promoted_at and Capabilities.model_validate(row.capabilities)
            for row in rows
        }

    async def all(self) -> list[ModelVersion]:
        """Every version, by name; weights that are promoted first, then the newest."""
        rows = await self._connection.execute(
            select(models).order_by(
                models.c.version,
                models.c.promoted_at.desc().nulls_last(),
                models.c.registered_at.desc(),
            )
        )
        return [_version(row) for row in rows]


def _version(row: Row[tuple[object, ...]]) -> ModelVersion:
    return ModelVersion(**row.card, registered_at=row.registered_at, promoted_at=row.promoted_at)
