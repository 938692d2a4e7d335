"""Webhooks and jobs of one owner, a receiver, and a deliverer."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from ostinato.schemas.account.webhooks import (
    DeliveryState,
    NewWebhook,
    Webhook,
    WebhookDelivery,
    WebhookRequest,
)
from ostinato.schemas.jobs import GenerationJob
from services.dispatcher.webhooks.deliverer import Deliverer
from services.dispatcher.webhooks.sender import WebhookSender
from shared.db.database import Database
from shared.db.webhooks.deliveries import WebhookDeliveries
from shared.db.webhooks.endpoints import Webhooks
from tests.support.jobs import JobFixture
from tests.support.servers.webhook_receiver import Received, WebhookReceiver

TIMEOUT_SECONDS = 10.0
SOON = (timedelta(0),) * 9
"""The schedule without its delays."""


class WebhookFixture(JobFixture):
    """The webhooks, jobs and deliveries of one owner."""

    async def create_webhook(self, url: str, **fields: object) -> NewWebhook:
        request = WebhookRequest.model_validate({"url": url, **fields})
        async with self.database.transaction() as connection:
            return await Webhooks(connection).create(self.owner, request)

    async def webhook(self, webhook_id: UUID) -> Webhook:
        async with self.database.connection() as connection:
            return await Webhooks(connection).get(webhook_id, self.owner)

    async def add_test(self, webhook: Webhook) -> None:
        async with self.database.transaction() as connection:
            await WebhookDeliveries(connection).add_test(webhook, self.owner)

    async def deliveries(self, state: DeliveryState | None = None) -> list[WebhookDelivery]:
        """The owner's deliveries, oldest first."""
        async with self.database.connection() as connection:
            page = await WebhookDeliveries(connection).page(
                self.owner, before=None, limit=100, state=state
            )
        return list(reversed(page))

    async def end_job(self) -> GenerationJob:
        """A job that has succeeded."""
        job = await self.create()
        assert await self.finish(await self.claim())
        return await self.get(job.id)

    async def deliver(self, *, retry_delays: Sequence[timedelta] = SOON) -> None:
        """Start the attempts that are due, and wait until they have ended."""
        sender = WebhookSender(timeout_seconds=TIMEOUT_SECONDS, allow_local=True)
        deliverer = Deliverer(
            self.database,
            sender,
            asyncio.Event(),
            timeout_seconds=TIMEOUT_SECONDS,
            retry_delays=retry_delays,
        )
        await deliverer.step()
        await deliverer.close()
        await sender.close()


@pytest.fixture
def fixture(database: Database) -> WebhookFixture:
    return WebhookFixture(database)


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as receiver:
        yield receiver


async def next_of(receiver: WebhookReceiver) -> Received:
    return await asyncio.to_thread(receiver.next)
