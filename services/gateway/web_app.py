"""Serves the web studio's static files, and in development mode its API key.

Only a page of this gateway gets the key: `Sec-Fetch-Site` excludes pages of other origins, and
`Host` excludes other names that resolve to this machine (DNS rebinding). Development mode serves
the loopback interface only, so the client runs on this machine. A machine with several users
needs production mode, where each client has its own key.
"""

import re
from ipaddress import ip_address
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.routing import Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from services.gateway.dependencies import App
from services.gateway.security_headers import POLICY
from shared.errors import NotFound

router = APIRouter(include_in_schema=False)

API_PATHS = re.compile("/(v1|docs)(/|$)")
LOOPBACK_NAME = "localhost"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
)
"""The policy in the pages themselves, and what only a header can forbid: to embed them."""


class _StudioFiles(StaticFiles):
    """The pages, scripts and data of the studio; workers take the policy of their script."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at a path, or the page that says that there is none."""
        response = await super().get_response(path, scope)
        response.headers[POLICY] = CONTENT_SECURITY_POLICY
        return response


class _StudioMount(Mount):
    """The static files at every path outside the API, where an error is a problem, not a page."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the files have this path; other routes with the same path come first."""
        if API_PATHS.match(scope["path"]):
            return Match.NONE, {}
        return super().matches(scope)


def mount(app: FastAPI, static_dir: Path) -> None:
    """Serve the folder at every path without a route; call it after adding all routes."""
    app.include_router(router)
    app.router.routes.append(_StudioMount("/", _StudioFiles(directory=static_dir, html=True)))


@router.get("/studio/key")
async def get_development_key(request: Request, app: App) -> PlainTextResponse:
    """The development key, for the page that this gateway serves."""
    settings = app.settings
    file = settings.development_key_file if settings.environment == "development" else None
    if file is None or not file.exists() or not _is_same_origin(request):
        raise NotFound("key", "development")
    return PlainTextResponse(file.read_text(), headers={"Cache-Control": "no-store"})


def _is_same_origin(request: Request) -> bool:
    same_origin = request.headers.get("sec-fetch-site") == "same-origin"
    return same_origin and _is_loopback(request.url.hostname)


def _is_loopback(host: str | None) -> bool:
    try:
        return host == LOOPBACK_NAME or ip_address(host or "").is_loopback
    except ValueError:
        return False
