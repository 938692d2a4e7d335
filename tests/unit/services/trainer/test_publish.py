"""A version is among the checkpoints whole, or not there; nobody else's is overwritten."""

from pathlib import Path
from uuid import uuid4

import pytest

from ostinato.schemas.evaluations import Samples
from ostinato.schemas.generations import GenerationRequest, Priority, Sampling
from ostinato.schemas.harmony import PitchRange
from ostinato.schemas.models import Capabilities, ModelCard
from services.trainer.publishing.checkpoint_folder import (
    NotPublished,
    incoming_under,
    outweighs,
    put_in_place,
    stage,
    with_figures,
    write_card,
)
from tests.gallery import samples_of


def finished(folder: Path, job_id: object) -> Path:
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(a_card(job_id).model_dump_json())
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def a_card(job_id: object = "x") -> ModelCard:
    return ModelCard(
        version="mine",
        sha256="0" * 64,
        description="For a test.",
        capabilities=Capabilities(max_bars=4, primer=True, velocity=True),
        licence="none",
        data={},
        training={"job": str(job_id)},
        evaluation={},
    )


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
    with pytest.raises(OSError, match="checkpoints"):
        stage(finished(tmp_path / "run", "x"), tmp_path / "checkpoints", "x")


def test_of_a_copy_that_cannot_be_whole_nothing_stays(tmp_path: Path) -> None:
    run, checkpoints = finished(tmp_path / "run", "x"), tmp_path / "checkpoints"
    (run / "lost").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OSError, match="lost"):
        stage(run, checkpoints, "x")
    assert list(incoming_under(checkpoints).iterdir()) == []


def test_a_card_that_cannot_be_written_is_named_and_the_old_one_stays(tmp_path: Path) -> None:
    folder = finished(tmp_path / "mine", "x")
    (folder / "card.json.partial").mkdir()
    before = (folder / "card.json").read_bytes()
    card = ModelCard.model_validate_json(before)
    with pytest.raises(OSError, match=r"card\.json"):
        write_card(card.model_copy(update={"description": "Another."}), folder)
    assert (folder / "card.json").read_bytes() == before


def judged(pieces: int, **asked: object) -> Samples:
    """A judgement by pieces that were asked for like this."""
    request = GenerationRequest.model_validate({"model": "mine", "count": pieces, **asked})
    alike = samples_of(a_card(), uuid4())
    return alike.model_copy(update={"pieces": pieces, "request": request})


def outweighed(standing: Samples, new: Samples) -> bool:
    return outweighs(new, with_figures(a_card(), {"samples": standing.model_dump(mode="json")}))


def test_the_first_judgement_is_taken_whatever_it_rests_on() -> None:
    assert outweighs(judged(1, bars=1), a_card())


def test_a_judgement_gives_way_to_one_by_as_many_pieces_and_not_to_one_by_fewer() -> None:
    standing = judged(1000, seed=0, priority=Priority.BATCH)
    assert outweighed(standing, judged(1000, seed=5))
    assert outweighed(standing, judged(1001))
    assert not outweighed(standing, judged(999))


@pytest.mark.parametrize(
    "odd",
    [
        {"bars": 1},
        {"tempo": 300},
        {"sampling": Sampling(temperature=0)},
        {"pitch_range": PitchRange(lowest=60, highest=71)},
    ],
    ids=lambda odd: next(iter(odd)),
)
def test_pieces_that_were_asked_for_oddly_are_outweighed_by_any_that_were_not(
    odd: dict[str, object],
) -> None:
    assert not outweighed(judged(1), judged(10_000, **odd))
    assert outweighed(judged(10_000, **odd), judged(1))
    assert outweighed(judged(9, **odd), judged(9, **odd))
