"""`python -m services.gateway.openapi`: prints the OpenAPI document."""

import json
import sys

from services.gateway.app import build_app
from services.gateway.settings import GatewaySettings

PLACEHOLDER = "//ostinato:never-connected@127.0.0.1/0"


def openapi_json() -> str:
    """The OpenAPI document as JSON; the application is built, but connects to no server."""
    settings = GatewaySettings(
        environment="development",
        database_url=f"postgresql+asyncpg:{PLACEHOLDER}",
        redis_url=f"redis:{PLACEHOLDER}",
    )
    return json.dumps(build_app(settings).openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(openapi_json())
