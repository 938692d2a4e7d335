"""Composition root of the gateway: builds the FastAPI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.gateway import api_docs, problem_details, web_app
from services.gateway.app_state import AppState
from services.gateway.keys.authentication import AuthenticationMiddleware
from services.gateway.middleware import BodySizeLimitMiddleware
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
    reproduce,
    tickets,
    trainings,
)
from services.gateway.settings import GatewaySettings
from shared.errors import (
    InsufficientScope,
    RateLimited,
    TooManyWrongKeys,
    Unauthenticated,
    Unavailable,
)

V1 = (
    *(generations, batches, reproduce, jobs, events, melodies, primers, tickets),
    *(models, datasets, trainings, evaluations, engravings, keys),
)


def build_app(settings: GatewaySettings) -> FastAPI:
    """Build the application; it connects to its servers when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        """Open the connections."""
        app.state.app_state = app_state = AppState.open(settings)
        app_state.key_uses.start()
        yield
        await app_state.close()

    app = FastAPI(
        title="Ostinato",
        version="1",
        summary="Generates symbolic music: editable MIDI, streamed note by note.",
        description=api_docs.DESCRIPTION,
        lifespan=lifespan,
        responses=problem_details.RESPONSES,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    problem_details.register_handlers(app)
    app.add_middleware(AuthenticationMiddleware)
    app.add_middleware(BodySizeLimitMiddleware)  # outermost: it sees the size before the key
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
