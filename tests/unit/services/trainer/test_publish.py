"""A version is among the checkpoints whole, or not there; nobody else's is overwritten."""

from pathlib import Path
from uuid import uuid4

import pytest

from services.trainer.publish import NotPublished, put_in_place, stage, write_card
from shared.schemas.models import Capabilities, ModelCard


def finished(folder: Path, job_id: object) -> Path:
    folder.mkdir(parents=True)
    card = ModelCard(
        version="mine",
        sha256="0" * 64,
        description="For a test.",
        capabilities=Capabilities(max_bars=4, primer=True, velocity=True),
        licence="none",
        data={},
        training={"job": str(job_id)},
        evaluation={},
    )
    (folder / "card.json").write_text(card.model_dump_json())
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def test_a_folder_appears_in_one_step(tmp_path: Path) -> None:
    job_id, checkpoints = uuid4(), tmp_path / "checkpoints"
    staged = stage(finished(tmp_path / "run", job_id), checkpoints, f"{job_id}-1")
    assert list(checkpoints.glob("*/card.json")) == []
    put_in_place(staged, checkpoints / "mine", job_id)
    assert (checkpoints / "mine" / "model.safetensors").read_bytes() == b"weights"


def test_publishing_again_after_a_lost_commit_changes_nothing(tmp_path: Path) -> None:
    job_id, checkpoints = uuid4(), tmp_path / "checkpoints"
    run = finished(tmp_path / "run", job_id)
    for attempt in (1, 2):
        staged = stage(run, checkpoints, f"{job_id}-{attempt}")
        put_in_place(staged, checkpoints / "mine", job_id)
    assert not staged.exists()
    assert (checkpoints / "mine" / "card.json").exists()


def test_a_folder_of_somebody_else_stays(tmp_path: Path) -> None:
    checkpoints = tmp_path / "checkpoints"
    theirs = finished(checkpoints / "mine", "another")
    (theirs / "card.json").rename(theirs / "card.old")
    staged = stage(finished(tmp_path / "run", "mine"), checkpoints, "x")
    with pytest.raises(NotPublished, match="is there already"):
        put_in_place(staged, theirs, uuid4())
    assert (theirs / "card.old").exists()


def test_checkpoints_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("no folder")
    with pytest.raises(NotPublished, match="checkpoints"):
        stage(finished(tmp_path / "run", "x"), tmp_path / "checkpoints", "x")


def test_a_card_that_cannot_be_written_is_named_and_the_old_one_stays(tmp_path: Path) -> None:
    folder = finished(tmp_path / "mine", "x")
    (folder / "card.json.partial").mkdir()
    before = (folder / "card.json").read_bytes()
    card = ModelCard.model_validate_json(before)
    with pytest.raises(NotPublished, match=r"card\.json"):
        write_card(card.model_copy(update={"description": "Another."}), folder)
    assert (folder / "card.json").read_bytes() == before
