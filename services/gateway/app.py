"""Composition root of the gateway: builds the FastAPI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from ostinato.schemas.events import EVENT_ADAPTER
from ostinato.schemas.problems import Problem
from services.gateway import problem_details, web_app
from services.gateway.app_state import AppState
from services.gateway.development_key import ensure_development_key
from services.gateway.middleware import BodySizeLimitMiddleware
from services.gateway.routes import (
    datasets,
    engravings,
    evaluations,
    events,
    generations,
    health,
    jobs,
    melodies,
    models,
    primers,
    reproduce,
    tickets,
    trainings,
)
from services.gateway.settings import GatewaySettings

V1 = (
    *(generations, reproduce, jobs, events, melodies, primers, tickets),
    *(models, datasets, trainings, evaluations, engravings),
)


def build_app(settings: GatewaySettings) -> FastAPI:
    """Build the application; it connects to its servers when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        """Open the connections; in development, write the development key."""
        app.state.app_state = app_state = AppState.open(settings)
        if settings.development_key_file is not None and settings.environment == "development":
            await ensure_development_key(app_state.database, settings.development_key_file)
        yield
        await app_state.close()

    app = FastAPI(
        title="Ostinato",
        version="1",
        summary="Generates symbolic music: editable MIDI, streamed note by note.",
        lifespan=lifespan,
        responses=problem_details.RESPONSES,
    )
    problem_details.register_handlers(app)
    app.add_middleware(BodySizeLimitMiddleware)
    for module in V1:
        app.include_router(module.router, prefix="/v1")
    app.include_router(health.router)
    if settings.static_dir is not None:
        web_app.mount(app, settings.static_dir)
    _add_event_and_problem_schemas(app)
    return app


def _add_event_and_problem_schemas(app: FastAPI) -> None:
    """Add the schemas of events and problems to OpenAPI; no route declares them as its result."""
    generate = app.openapi

    def openapi() -> dict[str, object]:
        document = generate()
        schemas = document["components"]["schemas"]
        event = EVENT_ADAPTER.json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(event.pop("$defs"), Event=event, Problem=Problem.model_json_schema())
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it
