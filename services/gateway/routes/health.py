"""Health checks and Prometheus metrics; these routes need no API key."""

from asyncio import timeout
from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from ostinato.schemas.schema import Schema
from services.gateway import prometheus
from services.gateway.app_state import AppState
from services.gateway.dependencies import App
from services.gateway.problem_details import content, responses
from shared.db.job_queue.pending import pending_items
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
    """Metrics in the Prometheus text format: queue depths, and the workers' engine counters."""
    async with app.database.connection() as connection:
        items = await pending_items(connection)
        workers = await Workers(connection).live()
    return Response(prometheus.exposition(items, workers), media_type=CONTENT_TYPE_LATEST)
