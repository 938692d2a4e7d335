"""Python client of an Ostinato gateway; uses HTTP only.

    from ostinato import GenerationRequest, connect

    with connect() as client:
        job = client.wait(client.generate(GenerationRequest(model="mini", bars=8)).id)

The package exports the client (`Client`, `connect`), its errors (`ClientError`, `ApiError`,
`Unreachable`, `ConnectionLost`) and the requests (`GenerationRequest`, `Sampling`,
`BatchRequest`, `BatchLine`, `BatchParameters`, `TrainingRequest`, `HyperparameterOverrides`,
`EngravingRequest`, `WebhookRequest`, `JobWebhook`). All other schemas are in `ostinato.schemas`;
the `ostinato` command is in `ostinato.cli`.

Names are imported on first use (PEP 562), so that a service that needs only `ostinato.schemas` does
not load an HTTP client.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ostinato.client import Client, connect
    from ostinato.errors import ApiError, ClientError, ConnectionLost, Unreachable
    from ostinato.schemas.account.webhooks import JobWebhook, WebhookRequest
    from ostinato.schemas.batches import BatchLine, BatchParameters, BatchRequest
    from ostinato.schemas.engravings import EngravingRequest
    from ostinato.schemas.generations import GenerationRequest, Sampling
    from ostinato.schemas.trainings import HyperparameterOverrides, TrainingRequest

__all__ = [
    "ApiError",
    "BatchLine",
    "BatchParameters",
    "BatchRequest",
    "Client",
    "ClientError",
    "ConnectionLost",
    "EngravingRequest",
    "GenerationRequest",
    "HyperparameterOverrides",
    "JobWebhook",
    "Sampling",
    "TrainingRequest",
    "Unreachable",
    "WebhookRequest",
    "connect",
]

_MODULES = {
    "ostinato.client": ("Client", "connect"),
    "ostinato.errors": ("ApiError", "ClientError", "ConnectionLost", "Unreachable"),
    "ostinato.schemas.batches": ("BatchLine", "BatchParameters", "BatchRequest"),
    "ostinato.schemas.engravings": ("EngravingRequest",),
    "ostinato.schemas.generations": ("GenerationRequest", "Sampling"),
    "ostinato.schemas.trainings": ("HyperparameterOverrides", "TrainingRequest"),
    "ostinato.schemas.account.webhooks": ("JobWebhook", "WebhookRequest"),
}

if not TYPE_CHECKING:  # with it, a type checker would accept every name

    def __getattr__(name: str) -> object:
        for module, names in _MODULES.items():
            if name in names:
                return getattr(import_module(module), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
