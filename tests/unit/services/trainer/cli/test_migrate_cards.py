"""Cards of release 0.1.0 are rewritten in place, and unreadable ones are named."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer

from ostinato.schemas.models import ModelCard
from services.trainer.cli.migrate_cards import main
from tests.architecture.source import ROOT

OLD_CARD: dict[str, Any] = json.loads((ROOT / "tests/upgrade/data/card.json").read_bytes())


def write(folder: Path, card: object) -> Path:
    folder.mkdir()
    path = folder / "card.json"
    path.write_text(json.dumps(card))
    return path


def test_a_card_of_0_1_0_is_migrated_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "tunes-1", OLD_CARD)
    main(tmp_path)
    migrated = path.read_bytes()
    card = ModelCard.model_validate_json(migrated)
    assert (card.version, card.sha256) == (OLD_CARD["version"], OLD_CARD["sha256"])
    assert card.license == OLD_CARD["licence"]
    assert str(card.training.job_id) == OLD_CARD["training"]["job"]
    assert card.training.num_parameters == OLD_CARD["training"]["parameters"]
    assert card.evaluation.nats_per_note == OLD_CARD["evaluation"]["nats_per_note"]
    main(tmp_path)
    assert path.read_bytes() == migrated
    output = capsys.readouterr().err.splitlines()
    assert output == [
        f"{tmp_path / 'tunes-1'}: migrated from 0.1.0",
        f"{tmp_path / 'tunes-1'}: already migrated",
    ]


def broken(**changes: object) -> dict[str, object]:
    return OLD_CARD | changes


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (broken(version=7), "version: "),
        (broken(evaluation={"nats_per_note": "many"}), "evaluation.nats_per_note: "),
        (broken(color="red"), "color: "),
        (broken(data=["folk"]), "a field has a value of the wrong type"),
        ({"version": "half"}, "training: Field required"),
        (["no", "card"], "does not contain a JSON object"),
    ],
)
def test_the_error_names_the_unreadable_card_and_field_and_other_cards_are_migrated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: object, reason: str
) -> None:
    path = write(tmp_path / "broken", content)
    before = path.read_bytes()
    valid = write(tmp_path / "valid", OLD_CARD)
    with pytest.raises(typer.Exit) as exited:
        main(tmp_path)
    assert exited.value.exit_code == 1
    assert path.read_bytes() == before
    ModelCard.model_validate_json(valid.read_bytes())
    errors = capsys.readouterr().err
    assert f"{path}: " in errors
    assert reason in errors


def test_a_file_that_is_not_json_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "broken", {})
    path.write_text("{")
    with pytest.raises(typer.Exit):
        main(tmp_path)
    assert f"{path}: " in capsys.readouterr().err


def test_a_folder_without_cards_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit):
        main(tmp_path)
    assert "has no checkpoint folder with a card.json" in capsys.readouterr().err


def test_the_projects_own_checkpoints_are_migrated() -> None:
    for path in (ROOT / "checkpoints").glob("*/card.json"):
        ModelCard.model_validate_json(path.read_bytes())
