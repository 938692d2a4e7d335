"""The repertoire of a worker in a test: the small checkpoint, resident."""

import torch

from services.worker.model_registry import Repertoire, Version
from shared.models.checkpoints import read_card
from tests.conftest import CHECKPOINTS

MINI_SHA256 = read_card(CHECKPOINTS / "mini").sha256


def empty(slots: int) -> Repertoire:
    return Repertoire(CHECKPOINTS, device=torch.device("cpu"), slots=slots)


def mini(slots: int) -> Version:
    return empty(slots).load("mini", MINI_SHA256)
