"""Registries and loaded models on the small checkpoint `mini`."""

import torch

from services.worker.model_registry import LoadedModel, ModelRegistry
from shared.models.checkpoints import read_card
from tests.conftest import CHECKPOINTS

MINI_SHA256 = read_card(CHECKPOINTS / "mini").sha256


def empty_registry(max_num_seqs: int) -> ModelRegistry:
    """A registry on the test checkpoints that has loaded none of them."""
    return ModelRegistry(CHECKPOINTS, device=torch.device("cpu"), max_num_seqs=max_num_seqs)


def load_mini(max_num_seqs: int) -> LoadedModel:
    """The small checkpoint, loaded."""
    return empty_registry(max_num_seqs).load("mini", MINI_SHA256)
