"""The description of the API: the OpenAPI document, and the page `/docs`.

The page loads nothing from other hosts, so it works offline: the files of Swagger UI come from the
package `fastapi_offline`.
"""

from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, FastAPI
from fastapi.encoders import jsonable_encoder
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.routing import APIRoute, iter_route_contexts

from ostinato.schemas.batches import BatchLine, BatchRequest
from ostinato.schemas.events import EVENT_ADAPTER
from ostinato.schemas.problems import Problem
from services.gateway.requests.scopes import required_scopes
from services.gateway.security_headers import POLICY

DESCRIPTION = """
Units: times of notes are ticks of 1/480 quarter note; tempo is in quarter notes per minute;
pitches, velocities and programs are MIDI numbers, programs counted from 0; bars are counted from
0; durations are seconds, unless the name of the field says otherwise;
points in time are ISO 8601 in UTC.

To send requests from this page, press *Authorize* and enter an API key. Job events are also sent
over a WebSocket at `/v1/jobs/{job_id}/events?ticket=...`, which OpenAPI cannot describe.
"""
ASSETS = "/docs/assets"
CONTENT_SECURITY_POLICY = (
    "default-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
)
"""The browser blocks requests of the page to other hosts, and other pages cannot embed it."""

router = APIRouter(include_in_schema=False)


def add(app: FastAPI) -> None:
    """Add the routes of the page, and complete the OpenAPI document."""
    app.include_router(router)
    _complete_document(app)


@router.get("/docs")
async def show_docs() -> HTMLResponse:
    """Swagger UI for this API."""
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Ostinato API",
        swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS}/swagger-ui.css",
        swagger_favicon_url="data:,",
    )
    page.headers[POLICY] = CONTENT_SECURITY_POLICY
    return page


@router.get(ASSETS + "/{name}")
async def get_asset(name: Literal["swagger-ui-bundle.js", "swagger-ui.css"]) -> FileResponse:
    """A file of Swagger UI."""
    folder = Path(str(files("fastapi_offline"))) / "static"
    return FileResponse(folder / name, headers={"Cache-Control": "max-age=3600"})


def _complete_document(app: FastAPI) -> None:
    """Add to OpenAPI the schemas that no route declares as its result, and the scopes of routes."""
    generate = app.openapi

    def openapi() -> dict[str, object]:
        document = generate()
        schemas = document["components"]["schemas"]
        event = EVENT_ADAPTER.json_schema(ref_template="#/components/schemas/{model}")
        for model in (BatchRequest, BatchLine):  # bodies that a route reads itself
            body = model.model_json_schema(ref_template="#/components/schemas/{model}")
            body = jsonable_encoder(body, exclude_none=True)  # as FastAPI does: no default of null
            schemas.update(body.pop("$defs", {}) | schemas, **{model.__name__: body})
        schemas.update(event.pop("$defs"), Event=event, Problem=Problem.model_json_schema())
        _add_scopes(app, document["paths"])
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _add_scopes(app: FastAPI, paths: dict[str, dict[str, Any]]) -> None:
    """Add the scopes of which a key needs one, as roles of the security scheme (OpenAPI 3.1)."""
    for context in iter_route_contexts(app.routes):
        if not isinstance(context.original_route, APIRoute):
            continue
        required = required_scopes(context.dependant)
        if required is None:
            continue
        for method in context.methods or ():
            operation = paths[str(context.path_format)][method.lower()]
            [scheme] = operation["security"][0]
            operation["security"] = [{scheme: [scope]} for scope in required.scopes]
