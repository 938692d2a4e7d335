"""The webhooks of owners, and the secrets that webhooks are signed with.

A secret is returned once, when it is created.
"""

import secrets
from base64 import b64encode
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.account.webhooks import NewWebhook, Webhook, WebhookRequest
from shared.db.tables.webhook_tables import job_webhook_secrets, webhooks
from shared.errors import Conflict, NotFound
from shared.ids import new_id

MAX_WEBHOOKS = 20
"""Webhooks of one owner: each job that ends inserts a delivery for each of them."""
FAILING_PERIOD = timedelta(days=5)
"""A webhook is disabled when no attempt has succeeded for so long."""
SECRET_BYTES = 32
_COLUMNS = [webhooks.c[name] for name in Webhook.model_fields]
_LOCK_OWNER = text("SELECT pg_advisory_xact_lock(hashtextextended('webhooks ' || :owner, 0))")
_RECORD_FAILURE = text("""
    UPDATE webhooks SET failing_since = coalesce(failing_since, now()),
        disabled_at = CASE WHEN CAST(:gone AS boolean)
            OR failing_since < now() - CAST(:period AS interval) THEN now() END,
        disabled_reason = CASE WHEN CAST(:gone AS boolean)
            THEN 'The receiver has answered 410 Gone.'
            WHEN failing_since < now() - CAST(:period AS interval)
            THEN 'No attempt has succeeded for ' || CAST(:days AS text) || ' days.' END
    WHERE id = :webhook_id AND disabled_at IS NULL
    RETURNING disabled_reason
""")


class Webhooks:
    """The webhooks of owners, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def create(self, owner: str, request: WebhookRequest) -> NewWebhook:
        """A new webhook, with its secret.

        Raises:
            Conflict: the owner has `MAX_WEBHOOKS` already.
        """
        await self._connection.execute(_LOCK_OWNER, {"owner": owner})
        if len(await self.list_of(owner)) >= MAX_WEBHOOKS:
            raise Conflict(f"You have {MAX_WEBHOOKS} webhooks, the most; delete one first.")
        secret = _new_secret()
        values = {"id": new_id(), "owner": owner, "secret": secret, **request.model_dump()}
        rows = await self._connection.execute(insert(webhooks).values(values).returning(*_COLUMNS))
        return NewWebhook(**_fields(rows.one()), secret=secret)

    async def list_of(self, owner: str) -> list[Webhook]:
        """The owner's webhooks, newest first."""
        rows = await self._connection.execute(
            select(*_COLUMNS)
            .where(webhooks.c.owner == owner)
            .order_by(webhooks.c.owner.desc(), webhooks.c.id.desc())
            .limit(MAX_WEBHOOKS)
        )
        return [Webhook(**_fields(row)) for row in rows]

    async def get(self, webhook_id: UUID, owner: str) -> Webhook:
        """One of the owner's webhooks.

        Raises:
            NotFound: the owner has no such webhook.
        """
        query = select(*_COLUMNS).where(webhooks.c.id == webhook_id, webhooks.c.owner == owner)
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            raise NotFound("webhook", webhook_id)
        return Webhook(**_fields(row))

    async def delete(self, webhook_id: UUID, owner: str) -> None:
        """Delete a webhook with its secret; its pending deliveries become dead letters.

        Raises:
            NotFound: the owner has no such webhook.
        """
        await self.get(webhook_id, owner)
        await self._connection.execute(delete(webhooks).where(webhooks.c.id == webhook_id))

    async def enable(self, webhook_id: UUID, owner: str) -> Webhook:
        """Send to a webhook again that was disabled. Idempotent.

        Raises:
            NotFound: the owner has no such webhook.
        """
        await self._connection.execute(
            update(webhooks)
            .where(webhooks.c.id == webhook_id, webhooks.c.owner == owner)
            .values(failing_since=None, disabled_at=None, disabled_reason=None)
        )
        return await self.get(webhook_id, owner)

    async def replace_job_secret(self, owner: str) -> str:
        """A new secret for the webhooks in requests of jobs, instead of the one before."""
        secret = _new_secret()
        statement = upsert(job_webhook_secrets).values(owner=owner, secret=secret)
        await self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["owner"], set_={"secret": secret, "created_at": func.now()}
            )
        )
        return secret

    async def has_job_secret(self, owner: str) -> bool:
        """Whether the webhooks in requests of jobs can be signed."""
        found = await self._connection.scalar(
            select(job_webhook_secrets.c.owner).where(job_webhook_secrets.c.owner == owner)
        )
        return found is not None

    async def record_success(self, webhook_id: UUID) -> None:
        """Record that an attempt has succeeded, if attempts failed before."""
        await self._connection.execute(
            update(webhooks)
            .where(webhooks.c.id == webhook_id, webhooks.c.failing_since.is_not(None))
            .values(failing_since=None)
        )

    async def record_failure(self, webhook_id: UUID, *, gone: bool) -> str | None:
        """Record that an attempt has failed; returns why the webhook was disabled, if it was.

        `gone`: whether the receiver wants no further events.
        """
        reason: str | None = await self._connection.scalar(
            _RECORD_FAILURE,
            {
                "webhook_id": webhook_id,
                "gone": gone,
                "period": FAILING_PERIOD,
                "days": str(FAILING_PERIOD.days),
            },
        )
        return reason


def _new_secret() -> str:
    return "whsec_" + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _fields(row: Row[Any]) -> dict[str, Any]:
    return dict(row._mapping)  # noqa: SLF001 - public API of Row, despite its name
