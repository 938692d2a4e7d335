"""Health checks and Prometheus metrics; these routes need no API key."""

from asyncio import timeout, to_thread
from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from ostinato.schemas.schema import Schema
from services.gateway import prometheus
from services.gateway.app_state import AppState
from services.gateway.dependencies import App
from services.gateway.problem_details import content, responses
from shared.db.workers import Workers
from shared.errors import Unavailable

router = APIRouter(tags=["health"])

PING_TIMEOUT_SECONDS = 0.5
"""Load balancers check often and do not wait long, so a Redis that hangs counts as down."""


class Health(Schema):
    """The response of a running process."""

    status: Literal["ok"] = "ok"


class Readiness(Schema):
    """What the gateway can reach. Without Redis it still accepts jobs, so it stays ready."""

    postgres: Literal["ok"] = "ok"
    redis: Literal["ok", "down"]
    """Down unless the servers of notifications and of event streams both answer."""
    workers: int
    """Worker processes with a recent heartbeat."""


@router.get("/healthz")
async def health() -> Health:
    """Report that the process is running."""
    return Health()


@router.get("/readyz", responses=responses(Unavailable))
async def readiness(app: App) -> Readiness:
    """Report whether requests are accepted: 503 if PostgreSQL does not answer."""
    async with app.database.connection() as connection:
        workers = await Workers(connection).live()
    return Readiness(redis=await _redis_status(app), workers=len(workers))


async def _redis_status(app: AppState) -> Literal["ok", "down"]:
    try:
        async with timeout(PING_TIMEOUT_SECONDS):
            await app.streams.ping()
            await app.broker.ping()
    except (Unavailable, TimeoutError):
        return "down"
    return "ok"


@router.get(
    "/metrics",
    response_class=Response,
    responses=content("text/plain") | responses(Unavailable),
)
async def metrics(app: App) -> Response:
    """Metrics of all processes in the Prometheus text format."""
    async with app.database.connection() as connection:
        scrape = await prometheus.read(connection)
    text = await to_thread(prometheus.exposition, scrape)  # requests continue meanwhile
    return Response(text, media_type=CONTENT_TYPE_LATEST)
