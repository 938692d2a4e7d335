"""`python -m services.gateway.openapi > docs/openapi.json`: the API as others read it."""

import json
import sys

from services.gateway.app import build_app
from services.gateway.settings import GatewaySettings

UNREACHED = "//ostinato:never-reached@127.0.0.1/0"


def document() -> str:
    """The OpenAPI document as JSON; nothing is connected to for it."""
    settings = GatewaySettings(
        environment="development",
        database_url=f"postgresql+asyncpg:{UNREACHED}",
        redis_url=f"redis:{UNREACHED}",
    )
    return json.dumps(build_app(settings).openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
