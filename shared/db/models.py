"""The registered model versions: their cards, as their trainers wrote them."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.tables import models
from shared.schemas.models import ModelCard, ModelVersion


class Models:
    """The versions inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def register(self, card: ModelCard) -> None:
        """Publish a version, or renew its card."""
        values = {"card": card.model_dump(mode="json")}
        await self._connection.execute(
            insert(models)
            .values(version=card.version, **values)
            .on_conflict_do_update(
                index_elements=["version"],
                set_={**values, "registered_at": func.now()},
                where=models.c.card != values["card"],
            )
        )

    async def all(self) -> list[ModelVersion]:
        """Every version, by name."""
        rows = await self._connection.execute(select(models).order_by(models.c.version))
        return [ModelVersion(**row.card, registered_at=row.registered_at) for row in rows]
