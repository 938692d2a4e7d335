"""The one place that wires the gateway together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from ostinato.schemas.events import EVENT
from ostinato.schemas.problems import Problem
from services.gateway import problem_details, web_app
from services.gateway.app_state import State
from services.gateway.manage_api_keys import development_key
from services.gateway.middleware import BodyLimit
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
    """The application; it connects when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        """Open the connections, and leave the developer a key."""
        app.state.gateway = gateway = State.open(settings)
        if settings.development_key_file is not None and settings.environment == "development":
            await development_key(gateway.database, settings.development_key_file)
        yield
        await gateway.close()

    app = FastAPI(
        title="Ostinato",
        version="1",
        summary="Symbolic music as jobs: editable MIDI, streamed while it is written.",
        lifespan=lifespan,
        responses=problem_details.PROBLEMS,
    )
    problem_details.install(app)
    app.add_middleware(BodyLimit)
    for module in V1:
        app.include_router(module.router, prefix="/v1")
    app.include_router(health.router)
    if settings.web is not None:
        web_app.install(app, settings.web)
    _describe_what_no_route_returns(app)
    return app


def _describe_what_no_route_returns(app: FastAPI) -> None:
    """Problems and events are on the wire too: OpenAPI names their shapes."""
    generate = app.openapi

    def openapi() -> dict[str, object]:
        document = generate()
        schemas = document["components"]["schemas"]
        event = EVENT.json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(event.pop("$defs"), Event=event, Problem=Problem.model_json_schema())
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend it
