"""Serves the application by uvicorn, in one process or several.

Several processes accept connections of one socket. A parent process starts them, replaces one that
crashes, and ends them on SIGTERM; if it is killed, the kernel kills them.
"""

import asyncio
import gc
import logging
import multiprocessing
import resource
import signal
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from functools import partial

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from services.gateway.app import build_app
from services.gateway.cross_origin import CrossOriginMiddleware
from services.gateway.keys.development_key import write_development_key
from services.gateway.security_headers import SecurityHeadersMiddleware
from services.gateway.server.protocol import ConnectionLimits, LimitedHttpProtocol
from services.gateway.settings import GatewaySettings
from shared.broker.server_check import check_redis_mode
from shared.errors import OstinatoError
from shared.exec_guard import set_parent_death_signal
from shared.logs import configure
from shared.process_exit import ExitLimit

log = logging.getLogger(__name__)

SHUTDOWN_TIMEOUT_SECONDS = 3
"""Event streams are closed after this; clients resume them at another gateway."""
KEEP_ALIVE_SECONDS = 10
"""More than the 5 s of the Python client, which therefore never reuses a connection that closes."""
MAX_MESSAGE_BYTES = 4096
"""Largest WebSocket message of a client; the gateway ignores their content."""
RESERVED_FILES = 200
"""Open files of a process besides connections of clients: servers, uploads, static files."""


def serve(settings: GatewaySettings) -> None:
    """Serve the application until a signal arrives."""
    configure("gateway", settings.log_level, settings.log_format)
    check_redis_mode(settings)
    _raise_file_limit(settings.max_connections + RESERVED_FILES)
    try:
        asyncio.run(write_development_key(settings))
    except OstinatoError as error:
        raise SystemExit(error.detail) from error
    limits = ConnectionLimits(
        max_connections=settings.max_connections,
        max_connections_per_address=settings.max_connections_per_address,
        receive_timeout=settings.receive_timeout_seconds,
    )
    uvicorn.run(
        f"{__name__}:build_served_app",
        factory=True,
        workers=settings.gateway_processes,
        host=settings.host,
        port=settings.port,
        http=partial(LimitedHttpProtocol, limits=limits),  # type: ignore[arg-type]  # any callable
        ws_max_size=MAX_MESSAGE_BYTES,
        log_config=None,
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_SECONDS,
    )


def build_served_app() -> ASGIApp:
    """The application with its outermost middleware; uvicorn calls it in each process."""
    settings = GatewaySettings.load()
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        set_parent_death_signal(parent.pid, signal.SIGKILL)
        configure("gateway", settings.log_level, settings.log_format)
    logging.getLogger("uvicorn.error").addFilter(_is_no_handshake)
    app = build_app(settings)
    _limit_exit_time(app)
    gc.freeze()  # modules and routes live as long as the process: collections need not visit them
    return with_headers(app, settings.allowed_origins)


def _limit_exit_time(app: FastAPI) -> None:
    """Limit the time from a signal, or else from the shutdown of `app`, to the end of the process.

    uvicorn, which already handles signals, may have received one while the application was built.
    """
    limit = ExitLimit(SHUTDOWN_TIMEOUT_SECONDS)
    limit.start_on_stop_signals()
    lifespan = app.router.lifespan_context

    @asynccontextmanager
    async def limited_lifespan(app: FastAPI) -> AsyncIterator[None]:
        """Start the limit before the connections are closed."""
        async with lifespan(app):
            yield
            limit.start()

    app.router.lifespan_context = limited_lifespan


def _is_no_handshake(record: logging.LogRecord) -> bool:
    """False for uvicorn's line about a WebSocket: it has the query string, and so a ticket."""
    return '"WebSocket ' not in str(record.msg)


def with_headers(app: ASGIApp, allowed_origins: Collection[str]) -> ASGIApp:
    """The application with the middleware that covers every response."""
    return SecurityHeadersMiddleware(CrossOriginMiddleware(app, allowed_origins))


def _raise_file_limit(num_files: int) -> None:
    """Allow this process and its children to open so many files, as far as the system permits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < num_files:
        log.warning(
            "The system allows %s open files, but OSTINATO_MAX_CONNECTIONS needs %s: lower it, or "
            "raise the limit (ulimit -Hn).",
            hard,
            num_files,
        )
        num_files = hard
    if soft < num_files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (num_files, hard))
