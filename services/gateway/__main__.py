"""`python -m services.gateway`: serve until TERM."""

import uvicorn

from services.gateway.app import build_app
from services.gateway.settings import GatewaySettings
from shared.logs import configure

GRACE_SECONDS = 3
"""Listeners are cut off after this: their streams resume elsewhere."""


def main() -> None:
    """Serve the application that the settings describe."""
    settings = GatewaySettings()
    configure("gateway", settings.log_level)
    uvicorn.run(
        build_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


if __name__ == "__main__":
    main()
