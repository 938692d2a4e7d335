"""A gateway in this process, on the real servers."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import httpx

from deploy.local.stack import Stack
from ostinato.schemas.account.keys import Scope
from services.gateway.app import build_app
from services.gateway.settings import GatewaySettings
from shared.db.api_keys import ALL_SCOPES, ApiKeys


@asynccontextmanager
async def gateway(
    backends: Stack, owner: str, scopes: Iterable[Scope] = ALL_SCOPES, /, **settings: object
) -> AsyncIterator[httpx.AsyncClient]:
    """A client, with an API key of the owner, of a gateway with these settings."""
    fields = {
        "environment": "development",
        "database_url": backends.database_url,
        "redis_url": backends.redis_url,
    }
    app = build_app(GatewaySettings.model_validate({**fields, **settings}))
    async with app.router.lifespan_context(app):
        async with app.state.app_state.database.transaction() as connection:
            key = (await ApiKeys(connection).create(owner, scopes)).key
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://gateway",
            headers={"Authorization": f"Bearer {key}"},
        ) as client:
            yield client
