"""The web studio: a folder of static files beside `/v1`, and in development the key to it.

Refuses to know what is in the folder. The key is handed to a page of this very gateway alone: a
foreign page is told by `Sec-Fetch-Site`, a foreign name that was bent to this machine by `Host`.
Development mode listens on the loopback only, so whoever asks is on this machine; one that others
work on, too, is served in production mode, where everybody brings a key.
"""

from ipaddress import ip_address
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import PlainTextResponse
from starlette.staticfiles import StaticFiles

from services.gateway.dependencies import Gateway
from shared.errors import NotFound

router = APIRouter(include_in_schema=False)

LOOPBACK_NAME = "localhost"


def install(app: FastAPI, folder: Path) -> None:
    """Serve the folder wherever no route is; call it after all routes are there."""
    app.include_router(router)
    app.mount("/", StaticFiles(directory=folder, html=True))


@router.get("/studio/key")
async def key_of_the_developer(request: Request, gateway: Gateway) -> PlainTextResponse:
    """The development key, for the page that this gateway itself serves."""
    settings = gateway.settings
    file = settings.development_key_file if settings.environment == "development" else None
    if file is None or not file.exists() or not _is_our_page(request):
        raise NotFound("key", "of the developer")
    return PlainTextResponse(file.read_text(), headers={"Cache-Control": "no-store"})


def _is_our_page(request: Request) -> bool:
    same_origin = request.headers.get("sec-fetch-site") == "same-origin"
    return same_origin and _is_loopback(request.url.hostname)


def _is_loopback(host: str | None) -> bool:
    try:
        return host == LOOPBACK_NAME or ip_address(host or "").is_loopback
    except ValueError:
        return False
