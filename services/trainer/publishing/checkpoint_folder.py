"""Atomic publication of a checkpoint folder, and atomic replacement of its card.

The caller holds the row lock of the job or the version, so no other process writes to the folder.
"""

import shutil
from pathlib import Path
from uuid import UUID

from ostinato.schemas.cards import EvaluationRecord
from ostinato.schemas.evaluations import SampleEvaluation
from ostinato.schemas.generations import (
    DEFAULT_TEMPO,
    GenerationRequest,
    ResolvedSampling,
    Sampling,
)
from ostinato.schemas.models import CARD_EXCLUDES, ModelCard
from shared.errors import OstinatoError
from shared.models.checkpoints import CARD, InvalidCheckpoint, parse_card


class NotPublished(OstinatoError):
    """A trained version cannot be added to the checkpoints; the detail contains the reason."""

    code = "not_published"


def staging_dir(checkpoints_dir: Path) -> Path:
    """The folder for incomplete checkpoints, on the same file system as the complete ones.

    Versions are looked up one level below `checkpoints_dir`, so folders in it are not found.
    """
    return checkpoints_dir / ".incoming"


def stage_copy(folder: Path, checkpoints_dir: Path, name: str) -> Path:
    """Copy a folder to the staging directory, since the run may be on another file system.

    Raises:
        OSError: the folder cannot be copied; the incomplete copy was removed.
    """
    staged = staging_dir(checkpoints_dir) / name
    shutil.rmtree(staged, ignore_errors=True)
    try:
        shutil.copytree(folder, staged)
    except OSError:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return staged


def activate(staged: Path, folder: Path, job_id: UUID) -> None:
    """Rename a staged copy to its final folder, unless this job has already done so.

    Raises:
        NotPublished: the folder exists and was not published by this job.
    """
    if _is_from(folder, job_id):
        shutil.rmtree(staged)
        return
    try:
        staged.rename(folder)
    except OSError as error:
        raise NotPublished(f"{folder} already exists: {error}") from error


def write_card(card: ModelCard, folder: Path) -> None:
    """Replace the card of a folder atomically; OSError if it cannot be written."""
    partial = folder / f"{CARD}.partial"
    partial.write_text(
        card.model_dump_json(indent=2, exclude=CARD_EXCLUDES) + "\n", encoding="utf-8"
    )
    partial.replace(folder / CARD)


def supersedes(samples: SampleEvaluation, card: ModelCard) -> bool:
    """Whether new measurements replace those in the card: their samples must not rank lower.

    Any client may request an evaluation of a single melody, or of unusually sampled melodies.
    """
    current = card.evaluation.samples
    defaults = card.capabilities.sampling
    return current is None or _rank(samples, defaults) >= _rank(current, defaults)


def _rank(samples: SampleEvaluation, defaults: ResolvedSampling) -> tuple[bool, int]:
    """Whether the melodies were sampled with the default parameters, and their number."""
    given = samples.request.with_sampling(samples.request.sampling.over(defaults))
    request = given.model_copy(update={"tempo": given.resolved_tempo})
    with_defaults = GenerationRequest(
        model=request.model,
        count=request.count,
        seed=request.seed,
        priority=request.priority,
        tempo=DEFAULT_TEMPO,
        sampling=Sampling(**dict(defaults)),
    )
    return request == with_defaults, samples.num_pieces


def with_evaluation(card: ModelCard, evaluation: EvaluationRecord) -> ModelCard:
    """The card with another evaluation."""
    return card.model_copy(update={"evaluation": evaluation})


def _is_from(folder: Path, job_id: UUID) -> bool:
    """Whether the folder is the checkpoint that a job published."""
    try:
        return parse_card(folder / CARD).training.job_id == job_id
    except InvalidCheckpoint:
        return False
