"""Fixtures of the worker's tests: a small model with random weights."""

import pytest
import torch

from services.worker.model_registry import LoadedModel, ModelRegistry
from tests.support.random_model import RANDOM, write_random_model


@pytest.fixture(scope="module")
def random_model(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    """A version with all capabilities."""
    checkpoints = tmp_path_factory.mktemp("checkpoints")
    (checkpoints / RANDOM).mkdir()
    card = write_random_model(checkpoints / RANDOM)
    registry = ModelRegistry(checkpoints, device=torch.device("cpu"), max_num_seqs=8)
    return registry.load(RANDOM, card.sha256)
