"""`python -m services.gateway`: serves the API until SIGTERM."""

import uvicorn

from services.gateway.app import build_app
from services.gateway.cross_origin import CrossOriginMiddleware
from services.gateway.settings import GatewaySettings
from shared.logs import configure

SHUTDOWN_TIMEOUT_SECONDS = 3
"""Event streams are closed after this; clients resume them at another gateway."""


def main() -> None:
    """Serve the application until a signal arrives."""
    settings = GatewaySettings.load()
    configure("gateway", settings.log_level)
    uvicorn.run(
        CrossOriginMiddleware(build_app(settings), settings.allowed_origins),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_SECONDS,
    )


if __name__ == "__main__":
    main()
