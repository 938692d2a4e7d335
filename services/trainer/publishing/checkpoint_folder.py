"""A finished checkpoint folder among the others: whole, or not there; and its card, likewise.

Refuses to know who may publish; whoever does holds the row of the job, so nobody else does.
"""

import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

from ostinato.schemas.evaluations import Samples
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.models import ModelCard
from shared.errors import OstinatoError
from shared.models.checkpoints import CARD


class NotPublished(OstinatoError):
    """A finished version cannot be put among the checkpoints; the detail says why."""

    code = "not_published"


def incoming_under(checkpoints: Path) -> Path:
    """Where folders wait on the disk that they are to stay on; no version lies so deep."""
    return checkpoints / ".incoming"


def stage(folder: Path, checkpoints: Path, name: str) -> Path:
    """A copy beside its later place, which may be on another disk than the run.

    Raises:
        OSError: it cannot be written, and nothing of it stays.
    """
    staged = incoming_under(checkpoints) / name
    shutil.rmtree(staged, ignore_errors=True)
    try:
        shutil.copytree(folder, staged)
    except OSError:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return staged


def put_in_place(staged: Path, version: Path, job_id: UUID) -> None:
    """Let the copy be the version, in one step; one that this job has put there before stays.

    Raises:
        NotPublished: there is something else of this name.
    """
    if _is_from(version, job_id):
        shutil.rmtree(staged)
        return
    try:
        staged.rename(version)
    except OSError as error:
        raise NotPublished(f"{version} is there already: {error}") from error


def write_card(card: ModelCard, folder: Path) -> None:
    """Replace a folder's card in one step; OSError if it cannot be written."""
    partial = folder / f"{CARD}.partial"
    partial.write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    partial.replace(folder / CARD)


def outweighs(samples: Samples, card: ModelCard) -> bool:
    """Whether a judgement is to stand in a card: it rests on no less than the one that does.

    Whoever has a key may ask for one by a single piece, or by pieces that are sampled oddly.
    """
    standing = card.evaluation.get("samples")
    return standing is None or _weight(samples.model_dump(mode="json")) >= _weight(standing)


def _weight(samples: dict[str, Any]) -> tuple[bool, int]:
    """Whether the pieces were asked for as `ostinato evaluate` asks, then how many they are."""
    asked = GenerationRequest.model_validate(samples["request"])
    plainly = GenerationRequest(
        model=asked.model, count=asked.count, seed=asked.seed, priority=asked.priority
    )
    return asked == plainly, samples["pieces"]


def with_figures(card: ModelCard, figures: dict[str, Any]) -> ModelCard:
    """The card when these stand in its evaluation."""
    return card.model_copy(update={"evaluation": card.evaluation | figures})


def _is_from(version: Path, job_id: UUID) -> bool:
    if not (version / CARD).exists():
        return False
    card = ModelCard.model_validate_json((version / CARD).read_bytes())
    return card.training.get("job") == str(job_id)
