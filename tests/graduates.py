"""Versions that have learnt next to nothing, in seconds, through the service."""

from ostinato import Client, Overrides, TrainingRequest
from ostinato.schemas.models import ModelVersion
from tests.tunes import tunes


def graduate(client: Client, version: str) -> ModelVersion:
    """A version that was trained on tunes that were handed in, and promoted."""
    music = client.read(client.upload("tunes", tunes()).id)
    request = TrainingRequest(
        recipe="mini",
        version=version,
        dataset=str(music.id),
        overrides=Overrides(steps=2, batch=1),
    )
    list(client.events(client.train(request).id))
    return client.promote(version)
