"""Versions with the weights of mini times a factor, which differ but make music as well."""

import json
import shutil
from pathlib import Path

from safetensors.torch import load_file, save_file

from shared.models.checkpoints import CARD, WEIGHTS, sha256_of
from tests.conftest import ROOT


def write_scaled(checkpoints: Path, version: str, factor: float) -> str:
    """Write a folder with such weights of a version; returns their SHA-256.

    A trainer may look at the folder meanwhile, so it appears whole.
    """
    folder = checkpoints / f".{version}-{factor}"
    shutil.copytree(ROOT / "checkpoints" / "mini", folder)
    tensors = load_file(folder / WEIGHTS)
    for tensor in tensors.values():
        tensor.mul_(factor)
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    sha256 = sha256_of(folder / WEIGHTS)
    card = json.loads((folder / CARD).read_text())
    (folder / CARD).write_text(json.dumps(card | {"version": version, "sha256": sha256}))
    folder.rename(checkpoints / f"{version}-{factor}")
    return sha256
