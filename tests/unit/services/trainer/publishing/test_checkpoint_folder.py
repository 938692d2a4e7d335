"""A checkpoint folder is published atomically and never overwritten by another job."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ostinato.schemas.cards import DataRecord, EvaluationRecord, TrainingRecord
from ostinato.schemas.evaluations import SampleEvaluation
from ostinato.schemas.generations import GenerationRequest, Priority, Sampling
from ostinato.schemas.harmony import PitchRange
from ostinato.schemas.models import Capabilities, ModelCard
from services.trainer.publishing.checkpoint_folder import (
    NotPublished,
    activate,
    stage_copy,
    staging_dir,
    supersedes,
    with_evaluation,
    write_card,
)
from tests.support.evaluations import sample_evaluation


def exported(folder: Path, job_id: UUID | None = None) -> Path:
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(a_card(job_id).model_dump_json())
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def a_card(job_id: UUID | None = None) -> ModelCard:
    return ModelCard(
        version="mine",
        sha256="0" * 64,
        description="For a test.",
        capabilities=Capabilities(max_bars=4, primer=True, velocity=True),
        license="none",
        data=DataRecord(),
        training=TrainingRecord(job_id=job_id),
        evaluation=EvaluationRecord(),
    )


def test_a_folder_appears_atomically(tmp_path: Path) -> None:
    job_id, checkpoints_dir = uuid4(), tmp_path / "checkpoints"
    staged = stage_copy(exported(tmp_path / "run", job_id), checkpoints_dir, f"{job_id}-1")
    assert list(checkpoints_dir.glob("*/card.json")) == []
    activate(staged, checkpoints_dir / "mine", job_id)
    assert (checkpoints_dir / "mine" / "model.safetensors").read_bytes() == b"weights"


def test_publishing_again_after_a_lost_commit_changes_nothing(tmp_path: Path) -> None:
    job_id, checkpoints_dir = uuid4(), tmp_path / "checkpoints"
    run = exported(tmp_path / "run", job_id)
    for attempt in (1, 2):
        staged = stage_copy(run, checkpoints_dir, f"{job_id}-{attempt}")
        activate(staged, checkpoints_dir / "mine", job_id)
    assert not staged.exists()
    assert (checkpoints_dir / "mine" / "card.json").exists()


@pytest.mark.parametrize("name", ["card.json", "something.else"])
def test_a_folder_of_another_job_is_not_overwritten(tmp_path: Path, name: str) -> None:
    checkpoints_dir = tmp_path / "checkpoints"
    other = exported(checkpoints_dir / "mine", uuid4())
    (other / "card.json").rename(other / name)
    job_id = uuid4()
    staged = stage_copy(exported(tmp_path / "run", job_id), checkpoints_dir, "x")
    with pytest.raises(NotPublished, match="already exists"):
        activate(staged, other, job_id)
    assert (other / name).exists()


def test_a_checkpoints_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("not a folder")
    with pytest.raises(OSError, match="checkpoints"):
        stage_copy(exported(tmp_path / "run"), tmp_path / "checkpoints", "x")


def test_an_incomplete_copy_is_removed(tmp_path: Path) -> None:
    run, checkpoints_dir = exported(tmp_path / "run"), tmp_path / "checkpoints"
    (run / "lost").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OSError, match="lost"):
        stage_copy(run, checkpoints_dir, "x")
    assert list(staging_dir(checkpoints_dir).iterdir()) == []


def test_a_card_that_cannot_be_written_is_named_and_the_old_one_stays(tmp_path: Path) -> None:
    folder = exported(tmp_path / "mine")
    (folder / "card.json.partial").mkdir()
    before = (folder / "card.json").read_bytes()
    card = ModelCard.model_validate_json(before)
    with pytest.raises(OSError, match=r"card\.json"):
        write_card(card.model_copy(update={"description": "Another."}), folder)
    assert (folder / "card.json").read_bytes() == before


def evaluated(num_pieces: int, **request: object) -> SampleEvaluation:
    """An evaluation of samples that were generated for such a request."""
    generation = GenerationRequest.model_validate({"model": "mine", "count": num_pieces, **request})
    samples = sample_evaluation(a_card(), uuid4())
    return samples.model_copy(update={"num_pieces": num_pieces, "request": generation})


def is_replaced(current: SampleEvaluation, new: SampleEvaluation) -> bool:
    return supersedes(new, with_evaluation(a_card(), EvaluationRecord(samples=current)))


def test_a_card_without_samples_accepts_any_samples() -> None:
    assert supersedes(evaluated(1, bars=1), a_card())


def test_samples_are_replaced_by_at_least_as_many_samples() -> None:
    current = evaluated(1000, seed=0, priority=Priority.BATCH)
    assert is_replaced(current, evaluated(1000, seed=5))
    assert is_replaced(current, evaluated(1000, tempo=120)), "as an accepted request says"
    assert is_replaced(current, evaluated(1001))
    assert not is_replaced(current, evaluated(999))


@pytest.mark.parametrize(
    "unusual",
    [
        {"bars": 1},
        {"tempo": 300},
        {"sampling": Sampling(temperature=0)},
        {"pitch_range": PitchRange(lowest=60, highest=71)},
    ],
    ids=lambda unusual: next(iter(unusual)),
)
def test_samples_with_unusual_parameters_are_replaced_by_any_default_samples(
    unusual: dict[str, object],
) -> None:
    assert not is_replaced(evaluated(1), evaluated(10_000, **unusual))
    assert is_replaced(evaluated(10_000, **unusual), evaluated(1))
    assert is_replaced(evaluated(9, **unusual), evaluated(9, **unusual))
