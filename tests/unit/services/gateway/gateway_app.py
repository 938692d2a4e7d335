"""The gateway's application in this process, without its servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

import httpx
from fastapi import FastAPI

from services.gateway.app import build_app
from services.gateway.server.serving import with_headers
from services.gateway.settings import GatewaySettings

DEVELOPMENT = {
    "environment": "development",
    "database_url": "postgresql+asyncpg://a:b@127.0.0.1:9/c",
    "redis_url": "redis://:d@127.0.0.1:9/0",
}
"""Settings with servers that do not exist."""


def settings(**fields: object) -> GatewaySettings:
    return GatewaySettings.model_validate({**DEVELOPMENT, **fields})


@cache
def app_with(**fields: object) -> FastAPI:
    """The application with these settings: it can be started again, and takes long to build."""
    return build_app(settings(**fields))


def client_of(app: FastAPI, *allowed_origins: str) -> httpx.AsyncClient:
    """A client of the application as `python -m services.gateway` serves it."""
    served = with_headers(app, allowed_origins)
    transport = httpx.ASGITransport(served, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")


@asynccontextmanager
async def gateway(**fields: object) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a started application with these settings."""
    app, origins = app_with(**fields), settings(**fields).allowed_origins
    async with app.router.lifespan_context(app), client_of(app, *origins) as client:
        yield client
