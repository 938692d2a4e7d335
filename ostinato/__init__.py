"""What a user imports: the typed client and the `ostinato` command; both speak HTTP only."""

from ostinato.client import Client, connect
from ostinato.errors import ApiError, ClientError, ConnectionLost, Unreachable
from shared.schemas.generations import GenerationRequest, Sampling

__all__ = [
    "ApiError",
    "Client",
    "ClientError",
    "ConnectionLost",
    "GenerationRequest",
    "Sampling",
    "Unreachable",
    "connect",
]
