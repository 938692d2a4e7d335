"""How the service is: for load balancers, for Prometheus, for whoever is on call; no key needed."""

from asyncio import timeout
from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from ostinato.schemas.schema import Wire
from services.gateway.app_state import State
from services.gateway.dependencies import Gateway
from shared.db.shard_leases import Leases
from shared.db.workers import Workers
from shared.errors import Unavailable

router = APIRouter(tags=["health"])

PING_SECONDS = 0.5
"""Load balancers ask often and do not wait long: a Redis that hangs is down."""


class Health(Wire):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(Wire):
    """What the gateway can reach. Without Redis jobs are still accepted, so it stays ready."""

    postgres: Literal["ok"] = "ok"
    redis: Literal["ok", "down"]
    workers: int
    """Worker processes with a recent heartbeat."""


@router.get("/healthz")
async def alive() -> Health:
    """Whether the process answers."""
    return Health()


@router.get("/readyz")
async def ready(gateway: Gateway) -> Readiness:
    """Whether requests can be taken: 503 while PostgreSQL is away."""
    async with gateway.database.transaction() as connection:
        workers = await Workers(connection).alive()
    return Readiness(redis=await _redis(gateway), workers=len(workers))


async def _redis(gateway: State) -> Literal["ok", "down"]:
    try:
        async with timeout(PING_SECONDS):
            await gateway.streams.ping()
    except (Unavailable, TimeoutError):
        return "down"
    return "ok"


@router.get("/metrics", response_class=Response)
async def metrics(gateway: Gateway) -> Response:
    """The Prometheus text format: the queues by PostgreSQL, the engines by their heartbeats."""
    registry = CollectorRegistry()
    shards = Gauge("ostinato_shards", "Unfinished shards.", ["queue", "state"], registry=registry)
    engine = Gauge("ostinato_engine", "Last heartbeat.", ["worker", "figure"], registry=registry)
    refused = Gauge(
        "ostinato_refused",
        "Promoted weights that a worker does not play; its log says why.",
        ["worker", "model"],
        registry=registry,
    )
    async with gateway.database.transaction() as connection:
        for queue, state, count in await Leases(connection).depth():
            shards.labels(queue, state).set(count)
        for worker in await Workers(connection).alive():
            for figure, value in worker.engine.items():
                engine.labels(worker.name, figure).set(value)
            for model in worker.refused:
                refused.labels(worker.name, model).set(1)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
