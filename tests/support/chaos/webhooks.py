"""A webhook that receives the events of all jobs of a stack, at a local address."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local.stack import Stack
from ostinato.schemas.account.webhooks import NewWebhook, WebhookRequest
from services.gateway.keys.development_key import DEVELOPMENT_OWNER
from shared.db.database import Database
from shared.db.webhooks.endpoints import Webhooks
from tests.support.servers.stacks import FAST_LEASES

DISPATCHER = {
    **FAST_LEASES,
    "OSTINATO_WEBHOOKS_ALLOW_LOCAL": "true",
    "OSTINATO_WEBHOOK_TIMEOUT_SECONDS": "2",
}


@contextmanager
def webhook_to(stack: Stack, url: str) -> Iterator[NewWebhook]:
    """A webhook that the gateway, which has its usual settings, would reject."""
    stack.start("dispatcher", **DISPATCHER)
    webhook = asyncio.run(_create(stack.database_url, url))
    yield webhook
    asyncio.run(_delete(stack.database_url, webhook))


async def _create(database_url: str, url: str) -> NewWebhook:
    database = Database(database_url, pool_size=1)
    async with database.transaction() as connection:
        webhook = await Webhooks(connection).create(DEVELOPMENT_OWNER, WebhookRequest(url=url))
    await database.close()
    return webhook


async def _delete(database_url: str, webhook: NewWebhook) -> None:
    database = Database(database_url, pool_size=1)
    async with database.transaction() as connection:
        await Webhooks(connection).delete(webhook.id, DEVELOPMENT_OWNER)
    await database.close()
