"""Trains a version in seconds, through the service."""

from ostinato import Client, HyperparameterOverrides, TrainingRequest
from ostinato.schemas.models import ModelVersion
from tests.support.midi import zip_of_random_midis


def train_and_promote(client: Client, version: str) -> ModelVersion:
    """Train a version for two steps on an uploaded data set, and promote it."""
    dataset = client.wait_for_dataset(client.upload_dataset("tunes", zip_of_random_midis()).id)
    request = TrainingRequest(
        recipe="mini",
        version=version,
        dataset=str(dataset.id),
        overrides=HyperparameterOverrides(steps=2, batch_size=1),
    )
    list(client.events(client.train(request).id))
    return client.promote(version)
