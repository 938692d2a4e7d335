"""What a user imports: the typed client and the `ostinato` command; both speak HTTP only."""

from ostinato.client import Client, connect
from ostinato.errors import ApiError, ClientError, ConnectionLost, Unreachable
from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.generations import GenerationRequest, Sampling
from ostinato.schemas.trainings import Overrides, TrainingRequest

__all__ = [
    "ApiError",
    "Client",
    "ClientError",
    "ConnectionLost",
    "EngravingRequest",
    "GenerationRequest",
    "Overrides",
    "Sampling",
    "TrainingRequest",
    "Unreachable",
    "connect",
]
