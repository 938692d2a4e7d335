"""Registries and loaded models on the small checkpoint `mini`, and variants of it."""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from services.worker.model_registry import LoadedModel, ModelRegistry
from shared.models.checkpoints import CARD, WEIGHTS, read_card, sha256_of
from tests.conftest import CHECKPOINTS

MINI_SHA256 = read_card(CHECKPOINTS / "mini").sha256


def empty_registry(max_num_seqs: int) -> ModelRegistry:
    """A registry on the test checkpoints that has loaded none of them."""
    return ModelRegistry(CHECKPOINTS, device=torch.device("cpu"), max_num_seqs=max_num_seqs)


def load_mini(max_num_seqs: int) -> LoadedModel:
    """The small checkpoint, loaded."""
    return empty_registry(max_num_seqs).load("mini", MINI_SHA256)


def write_scaled(checkpoints: Path, version: str, factor: float) -> str:
    """Write a version with the weights of mini times a factor; returns their SHA-256.

    They differ from those of mini, but make music as well. A trainer may look at the folder
    meanwhile, so it appears whole.
    """
    folder = checkpoints / f".{version}-{factor}"
    shutil.copytree(CHECKPOINTS / "mini", folder)
    tensors = load_file(folder / WEIGHTS)
    for tensor in tensors.values():
        tensor.mul_(factor)
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    sha256 = sha256_of(folder / WEIGHTS)
    card = json.loads((folder / CARD).read_text())
    (folder / CARD).write_text(json.dumps(card | {"version": version, "sha256": sha256}))
    folder.rename(checkpoints / f"{version}-{factor}")
    return sha256
