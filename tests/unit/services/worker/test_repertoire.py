"""A worker plays the checkpoints that are what their cards say, and no others."""

import shutil
from pathlib import Path

import pytest
import torch

from services.worker.repertoire import load_repertoire
from shared.models.weights import WEIGHTS, InvalidCheckpoint
from tests.conftest import CHECKPOINTS

CPU = torch.device("cpu")


def test_every_checkpoint_is_resident() -> None:
    repertoire = load_repertoire(CHECKPOINTS, device=CPU, slots=2)
    folders = {path.name for path in CHECKPOINTS.iterdir() if path.is_dir()}
    assert set(repertoire) == folders
    assert all(version.runner.slots == 2 for version in repertoire.values())


def test_a_folder_without_checkpoints_says_which_setting_to_use(tmp_path: Path) -> None:
    with pytest.raises(InvalidCheckpoint, match="OSTINATO_CHECKPOINTS"):
        load_repertoire(tmp_path, device=CPU, slots=2)


def test_weights_that_are_not_those_of_the_card_are_refused(tmp_path: Path) -> None:
    shutil.copytree(CHECKPOINTS / "mini", tmp_path / "mini")
    weights = tmp_path / "mini" / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    with pytest.raises(InvalidCheckpoint, match="SHA-256"):
        load_repertoire(tmp_path, device=CPU, slots=2)
