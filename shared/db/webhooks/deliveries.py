"""Deliveries of webhooks as clients see them: listed, tested and sent again."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.account.webhooks import (
    DeliveryState,
    Webhook,
    WebhookDelivery,
    WebhookEventType,
)
from shared.db.owner_pages import newest_of_owner
from shared.db.tables.webhook_tables import webhook_deliveries
from shared.errors import Conflict, NotFound

_COLUMNS = [webhook_deliveries.c[name] for name in WebhookDelivery.model_fields]
_ADD_TEST = text("""
    INSERT INTO webhook_deliveries (owner, host, url, webhook_id, type)
    VALUES (:owner, webhook_host(:url), :url, :webhook_id, :type) RETURNING id
""")
_REDELIVER = text("""
    UPDATE webhook_deliveries
    SET state = 'pending', attempts = 0, next_attempt_at = now(), ended_at = NULL
    WHERE id = :delivery_id AND owner = :owner AND state <> 'pending'
    RETURNING id
""")


class WebhookDeliveries:
    """The deliveries of owners, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, delivery_id: UUID, owner: str) -> WebhookDelivery:
        """One of the owner's deliveries.

        Raises:
            NotFound: the owner has no such delivery.
        """
        query = select(*_COLUMNS).where(
            webhook_deliveries.c.id == delivery_id, webhook_deliveries.c.owner == owner
        )
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            raise NotFound("delivery", delivery_id)
        return _delivery(row)

    async def page(
        self, owner: str, *, before: UUID | None, limit: int, state: DeliveryState | None
    ) -> list[WebhookDelivery]:
        """The owner's deliveries, newest first, older than `before`."""
        query = select(*_COLUMNS)
        if state is not None:  # as the newest of the owner, by the index that also has the state
            query = query.where(webhook_deliveries.c.state == state)
        query = newest_of_owner(query, webhook_deliveries, owner, before=before, limit=limit)
        return [_delivery(row) for row in await self._connection.execute(query)]

    async def add_test(self, webhook: Webhook, owner: str) -> WebhookDelivery:
        """Insert the delivery of an event that tests a webhook."""
        delivery_id = await self._connection.scalar(
            _ADD_TEST,
            {
                "owner": owner,
                "url": webhook.url,
                "webhook_id": webhook.id,
                "type": WebhookEventType.TEST.value,
            },
        )
        assert delivery_id is not None  # noqa: S101 - RETURNING gives the inserted row
        return await self.get(delivery_id, owner)

    async def redeliver(self, delivery_id: UUID, owner: str) -> WebhookDelivery:
        """Make a delivery that has ended due again, with the same id and all its attempts.

        Raises:
            NotFound: the owner has no such delivery.
            Conflict: it has not ended.
        """
        parameters = {"delivery_id": delivery_id, "owner": owner}
        is_due = await self._connection.scalar(_REDELIVER, parameters) is not None
        delivery = await self.get(delivery_id, owner)
        if not is_due:
            raise Conflict(
                f"The delivery is pending; its next attempt is at {delivery.next_attempt_at}."
            )
        return delivery


def _delivery(row: Row[Any]) -> WebhookDelivery:
    values = dict(row._mapping)  # noqa: SLF001 - public API of Row, despite its name
    if values["state"] != DeliveryState.PENDING:
        values["next_attempt_at"] = None
    return WebhookDelivery(**values)
