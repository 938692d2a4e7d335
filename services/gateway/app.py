"""Composition root of the gateway: builds the FastAPI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.gateway import api_docs, problem_details, web_app
from services.gateway.app_state import AppState
from services.gateway.keys.authentication import AuthenticationMiddleware
from services.gateway.middleware import BodySizeLimitMiddleware
from services.gateway.requests.request_metrics import RequestMetricsMiddleware, route_templates
from services.gateway.requests.request_tracing import TraceparentMiddleware, telemetry_of
from services.gateway.routes import (
    batches,
    datasets,
    engravings,
    evaluations,
    events,
    generations,
    health,
    index,
    jobs,
    keys,
    melodies,
    models,
    primers,
    receipts,
    reproduce,
    tickets,
    trainings,
    usage,
    webhooks,
)
from services.gateway.settings import GatewaySettings
from shared.errors import (
    InsufficientScope,
    RateLimited,
    TooManyWrongKeys,
    Unauthenticated,
    Unavailable,
)
from shared.metric_reporter import reporting
from shared.tracing import JobTracer

V1 = (
    *(generations, batches, reproduce, jobs, receipts, events, melodies, primers, tickets),
    *(models, datasets, trainings, evaluations, engravings, usage, webhooks, keys),
)

ROUTERS = (
    *(("/v1", module.router) for module in V1),
    *(("", module.router) for module in (index, health)),
)
"""All routers of the API, with their prefixes."""


def build_app(settings: GatewaySettings) -> FastAPI:
    """Build the application; it connects to its servers when it starts."""
    tracer = JobTracer.if_enabled("gateway", enabled=settings.tracing)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        """Open the connections."""
        app.state.app_state = app_state = AppState.open(settings)
        app_state.key_uses.start()
        async with reporting(app_state.database, "gateway", app_state.measure):
            yield
        await app_state.close()
        if tracer is not None:
            tracer.flush()

    app = FastAPI(
        title="Ostinato",
        version="1",
        summary="Generates symbolic music: editable MIDI, streamed note by note.",
        description=api_docs.DESCRIPTION,
        lifespan=lifespan,
        responses=problem_details.RESPONSES,
        webhooks=webhooks.sent,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=telemetry_of(tracer),
    )
    problem_details.register_handlers(app)
    if tracer is not None:
        app.add_middleware(TraceparentMiddleware)
    app.add_middleware(AuthenticationMiddleware)
    app.add_middleware(BodySizeLimitMiddleware)  # it sees the size before the key
    app.add_middleware(RequestMetricsMiddleware, templates=route_templates(ROUTERS))  # outermost
    errors = problem_details.responses(
        Unauthenticated, InsufficientScope, RateLimited, TooManyWrongKeys, Unavailable
    )
    for module in V1:
        app.include_router(module.router, prefix="/v1", responses=errors)
    app.include_router(index.router)
    app.include_router(health.router)
    api_docs.add(app)
    if settings.static_dir is not None:
        web_app.mount(app, settings.static_dir)
    return app
