"""`python -m services.gateway`: serves the API until SIGTERM."""

from services.gateway.server.serving import serve
from services.gateway.settings import GatewaySettings

if __name__ == "__main__":
    serve(GatewaySettings.load())
