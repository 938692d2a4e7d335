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
from services.gateway.serving.model_status import ModelState, Serving
from shared.errors import Unavailable

router = APIRouter(tags=["health"])

PING_TIMEOUT_SECONDS = 0.5
"""Load balancers check often and do not wait long, so a Redis that hangs counts as down."""


class Health(Schema):
    """The response of a running process."""

    status: Literal["ok"] = "ok"


class ModelReadiness(Schema):
    """Whether workers serve a version."""

    version: str
    is_default: bool
    """Whether requests without `model` get this version."""
    state: ModelState
    reason: str | None
    """Why no worker serves it, or not with the weights that were requested; null otherwise."""
    workers: int
    """Worker processes that serve it."""


class Readiness(Schema):
    """What the gateway can reach. Without Redis it still accepts jobs, so it stays ready."""

    postgres: Literal["ok"] = "ok"
    redis: Literal["ok", "down"]
    """Down unless the servers of notifications and of event streams both answer."""
    workers: int
    """Worker processes with a recent heartbeat."""
    models: list[ModelReadiness]
    """The published versions that are promoted, or whose promotion was requested."""


NOT_READY = responses(Unavailable)
NOT_READY[503]["model"] = Readiness


@router.get("/healthz")
async def health() -> Health:
    """Report that the process is running."""
    return Health()


@router.get("/readyz", responses=NOT_READY)
async def readiness(app: App, response: Response) -> Readiness:
    """Report whether requests are served: 503 if no worker serves the default model.

    The gateway accepts jobs then, too, and they wait: let a load balancer check `/healthz`. If
    PostgreSQL does not answer, there are problem details instead.
    """
    serving = await Serving.read(app.database)
    default = app.settings.default_model
    if serving.status(default).state is not ModelState.READY:
        response.status_code = 503
    return Readiness(
        redis=await _redis_status(app),
        workers=len(serving.workers),
        models=[
            ModelReadiness(
                version=status.version,
                is_default=status.version == default,
                state=status.state,
                reason=status.reason,
                workers=status.workers,
            )
            for status in serving.statuses()
        ],
    )


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
