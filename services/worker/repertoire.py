"""What this worker can play: each checkpoint's model beside its vocabulary, resident at once.

Refuses to play a checkpoint whose weights are not the ones that its card names.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from services.worker.engine.runner import Runner
from shared.models.numerics import numerics_id
from shared.models.weights import CARD, InvalidCheckpoint, load_checkpoint
from shared.schemas.models import ModelCard
from shared.tokenizers.vocabulary import Vocabulary, load_vocabulary

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One model version, ready to play."""

    card: ModelCard
    vocabulary: Vocabulary
    runner: Runner
    numerics: str


def load_repertoire(
    checkpoints: Path, *, device: torch.device, slots: int
) -> Mapping[str, Version]:
    """Every checkpoint in the folder, by version.

    Raises:
        InvalidCheckpoint: there is none, or one of them is not what its card says.
    """
    folders = sorted(card.parent for card in checkpoints.glob(f"*/{CARD}"))
    if not folders:
        detail = f"{checkpoints.absolute()} has no folder with a {CARD}: set OSTINATO_CHECKPOINTS."
        raise InvalidCheckpoint(detail)
    versions = [_load(folder, device, slots) for folder in folders]
    log.info("Resident: %s.", ", ".join(version.card.version for version in versions))
    return {version.card.version: version for version in versions}


def _load(folder: Path, device: torch.device, slots: int) -> Version:
    checkpoint = load_checkpoint(folder, device)
    vocabulary = load_vocabulary(folder)
    return Version(
        card=checkpoint.card,
        vocabulary=vocabulary,
        runner=Runner(checkpoint.model, vocabulary.grammar(), slots=slots),
        numerics=numerics_id(checkpoint.model),
    )
