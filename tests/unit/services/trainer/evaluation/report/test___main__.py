"""The report command selects versions of a checkpoints folder."""

import json
from pathlib import Path

import pytest
import typer

from ostinato.schemas.models import ModelCard
from services.trainer.evaluation.report.__main__ import main
from services.trainer.publishing.checkpoint_folder import write_card
from shared.models.checkpoints import WEIGHTS, sha256_of
from tests.unit.services.trainer.evaluation.report.cards import CARDS, version


def write_checkpoints(folder: Path, *cards: ModelCard) -> None:
    for card in cards:
        (folder / card.version).mkdir()
        (folder / card.version / WEIGHTS).write_bytes(b"weights")
        sha256 = sha256_of(folder / card.version / WEIGHTS)
        write_card(card.model_copy(update={"sha256": sha256}), folder / card.version)


def test_the_command_reports_the_named_versions_or_all_with_samples(tmp_path: Path) -> None:
    write_checkpoints(tmp_path, *CARDS, version("v5", 4.0))
    main(out=tmp_path / "all", checkpoints_dir=tmp_path)
    assert list(json.loads((tmp_path / "all" / "evaluation.json").read_text())) == ["v6"]
    main(["v7", "v5"], out=tmp_path / "named", checkpoints_dir=tmp_path)
    assert list(json.loads((tmp_path / "named" / "evaluation.json").read_text())) == ["v7", "v5"]


def test_a_folder_without_evaluated_samples_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit):
        main(out=tmp_path / "out", checkpoints_dir=tmp_path)
    assert "has no card with evaluated samples" in capsys.readouterr().err
