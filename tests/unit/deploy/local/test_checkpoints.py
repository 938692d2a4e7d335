"""The stack's own model versions: started from the checkout's, kept up to date with them."""

import errno
import os
from pathlib import Path

import pytest

from deploy.local import checkpoints
from deploy.local.checkpoints import (
    ADOPTED_CARD,
    SAMPLING,
    adopt_versions,
    require_versions,
)
from deploy.local.errors import NoModels
from ostinato.schemas.cards import DataRecord, EvaluationRecord, TrainingRecord
from ostinato.schemas.models import Capabilities, ModelCard
from shared.models.checkpoints import CARD, WEIGHTS


class Folders:
    """The versions of a checkout, and those of a stack."""

    def __init__(self, folder: Path) -> None:
        self.shipped = folder / "checkout" / "checkpoints"
        self.own = folder / "var" / "checkpoints"
        self.own.parent.mkdir()
        self.reports: list[str] = []

    def ship(self, version: str, *, weights: str = "weights", description: str = "") -> None:
        """Write a version to the checkout as git does: the files are new ones."""
        folder = self.shipped / version
        folder.mkdir(parents=True, exist_ok=True)
        files = {
            "card.json": card(version, weights, description).model_dump_json(),
            "model.safetensors": weights,
            "tokenizer.json": f"vocabulary for {weights}",
        }
        for name, content in files.items():
            (folder / name).unlink(missing_ok=True)
            (folder / name).write_text(content)

    def adopt(self) -> None:
        adopt_versions(self.shipped, self.own, self.reports.append)

    def evaluate(self, version: str, nats_per_note: float) -> None:
        """Write an evaluation to the stack's card, as the trainer does."""
        evaluation = EvaluationRecord(nats_per_note=nats_per_note)
        evaluated = self.card(version).model_copy(update={"evaluation": evaluation})
        (self.own / version / "card.json").write_text(evaluated.model_dump_json(indent=2))

    def card(self, version: str) -> ModelCard:
        return ModelCard.model_validate_json((self.own / version / "card.json").read_bytes())

    def weights(self, version: str) -> str:
        return (self.own / version / "model.safetensors").read_text()


def card(version: str, weights: str, description: str = "") -> ModelCard:
    return ModelCard(
        version=version,
        sha256=weights,
        description=description,
        capabilities=Capabilities(max_bars=4, primer=True, velocity=False),
        license="none",
        data=DataRecord(),
        training=TrainingRecord(),
        evaluation=EvaluationRecord(nats_per_note=1.0),
    )


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders(tmp_path)
    folders.ship("v1")
    folders.adopt()
    return folders


def test_a_new_version_is_added_without_a_second_copy_of_its_weights(folders: Folders) -> None:
    assert {path.name for path in (folders.own / "v1").iterdir()} == {
        *("card.json", "card.adopted.json", "model.safetensors", "tokenizer.json"),
    }
    assert (folders.own / "v1/model.safetensors").samefile(folders.shipped / "v1/model.safetensors")
    folders.ship("v2")
    folders.adopt()
    assert {path.name for path in folders.own.iterdir()} == {"v1", "v2"}
    assert folders.reports == ["added the model version v1", "added the model version v2"]


def test_on_another_file_system_or_for_another_user_the_weights_are_copied(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: Path, _target: Path) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "hardlink_to", fail)
    folders.ship("v2", weights="others")
    folders.adopt()
    assert folders.weights("v2") == "others"
    assert (folders.own / "v2/model.safetensors").stat().st_nlink == 1


def test_the_license_of_the_weights_is_copied(folders: Folders) -> None:
    (folders.shipped / "LICENSE.md").write_text("for research")
    folders.adopt()
    assert (folders.own / "LICENSE.md").read_text() == "for research"


def test_the_checkout_does_not_change(folders: Folders) -> None:
    before = {path: path.read_bytes() for path in folders.shipped.rglob("*") if path.is_file()}
    folders.evaluate("v1", 0.5)
    folders.ship("v2")
    folders.adopt()
    for path, content in before.items():
        assert path.read_bytes() == content
    assert {path.name for path in folders.shipped.iterdir()} == {"v1", "v2"}


def test_without_changes_nothing_is_written(folders: Folders) -> None:
    times = {path: path.stat().st_mtime_ns for path in folders.own.rglob("*")}
    folders.adopt()
    assert {path: path.stat().st_mtime_ns for path in folders.own.rglob("*")} == times


def test_an_evaluation_of_this_stack_survives_a_restart(folders: Folders) -> None:
    folders.evaluate("v1", 0.5)
    folders.adopt()
    assert folders.card("v1").evaluation.nats_per_note == 0.5


def test_an_evaluation_of_this_stack_survives_another_card_for_equal_weights(
    folders: Folders,
) -> None:
    folders.evaluate("v1", 0.5)
    folders.ship("v1", description="better described")
    for _ in range(2):
        folders.adopt()
        assert folders.card("v1").evaluation.nats_per_note == 0.5
        assert folders.card("v1").description == "better described"
    assert folders.reports[1:] == ["updated the model version v1"]


def test_a_card_that_this_stack_has_not_changed_is_replaced_whole(folders: Folders) -> None:
    folders.ship("v1", description="better described")
    folders.adopt()
    own, shipped = folders.own / "v1/card.json", folders.shipped / "v1/card.json"
    assert own.read_bytes() == shipped.read_bytes()


def test_new_weights_replace_the_previous_ones_and_their_evaluation(folders: Folders) -> None:
    folders.evaluate("v1", 0.5)
    folders.ship("v1", weights="new weights")
    folders.adopt()
    assert folders.weights("v1") == "new weights"
    assert folders.card("v1") == card("v1", "new weights")
    assert (folders.own / "v1/tokenizer.json").read_text() == "vocabulary for new weights"
    assert [path.name for path in folders.own.iterdir()] == ["v1"]


def test_a_card_of_an_earlier_release_is_replaced(folders: Folders) -> None:
    (folders.own / "v1/card.json").write_text('{"name": "v1"}')
    folders.ship("v1", description="of this release")
    folders.adopt()
    assert folders.card("v1").description == "of this release"


def test_a_version_that_was_trained_here_is_kept_and_the_conflict_reported(
    folders: Folders,
) -> None:
    trained = folders.own / "v9"
    trained.mkdir()
    (trained / "card.json").write_text(card("v9", "trained").model_dump_json())
    folders.ship("v9", weights="shipped")
    folders.adopt()
    assert folders.card("v9").sha256 == "trained"
    assert folders.reports[1:] == [
        f"{trained} is served, not {folders.shipped / 'v9'}: both are named v9"
    ]


def test_a_version_that_left_the_checkout_stays(folders: Folders) -> None:
    for path in sorted(folders.shipped.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    folders.adopt()
    assert folders.weights("v1") == "weights"


def test_a_start_that_was_killed_is_repeated(folders: Folders) -> None:
    staged = folders.own / ".adopting" / "v2"
    staged.mkdir(parents=True)
    (staged / "card.json").write_text("half a c")
    folders.ship("v2")
    folders.adopt()
    assert folders.weights("v2") == "weights"
    assert {path.name for path in folders.own.iterdir()} == {"v1", "v2"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write to a folder without permission")
def test_a_checkout_without_write_permission_is_enough(folders: Folders) -> None:
    folders.ship("v2")
    (folders.shipped / "v2").chmod(0o555)
    folders.adopt()
    folders.evaluate("v2", 0.5)
    assert folders.card("v2").evaluation.nats_per_note == 0.5


def test_a_version_that_is_a_link_is_adopted_with_its_weights(folders: Folders) -> None:
    folders.ship("v2", weights="linked")
    (folders.shipped / "v2").rename(folders.shipped.parent / "elsewhere")
    (folders.shipped / "v2").symlink_to(folders.shipped.parent / "elsewhere")
    folders.adopt()
    assert folders.weights("v2") == "linked"
    assert not (folders.own / "v2/model.safetensors").is_symlink()


def test_without_any_version_the_error_names_the_folders_and_the_setting(
    folders: Folders, tmp_path: Path
) -> None:
    require_versions(tmp_path / "none", folders.own)
    expected = f"There is no model version in {tmp_path / 'none'} nor {tmp_path / 'nor'}: run .*"
    with pytest.raises(NoModels, match=expected + "OSTINATO_CHECKPOINTS_DIR"):
        require_versions(tmp_path / "none", tmp_path / "nor")


def test_the_names_of_files_are_those_of_the_models() -> None:
    """They are not imported, because that would load torch into the supervisor."""
    assert (checkpoints.CARD, checkpoints.WEIGHTS) == (CARD, WEIGHTS)


def test_sampling_defaults_follow_those_of_the_checkout(folders: Folders) -> None:
    folders.ship("a")
    folders.adopt()
    shipped, own = (folder / "a" / SAMPLING for folder in (folders.shipped, folders.own))
    for content in ('{"min_p": 0.1}', '{"min_p": 0.2}'):
        shipped.write_text(content)
        folders.adopt()
        assert own.read_text() == content
    shipped.unlink()
    folders.adopt()
    assert not own.exists()


def test_sampling_defaults_of_a_version_that_was_trained_here_stay(folders: Folders) -> None:
    folders.ship("a", weights="of this stack")
    folders.adopt()
    (folders.own / "a" / ADOPTED_CARD).unlink()
    (folders.own / "a" / SAMPLING).write_text("{}")
    folders.adopt()
    assert (folders.own / "a" / SAMPLING).exists()
