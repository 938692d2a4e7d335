"""The export command writes the checkpoint folder of a run, or names what is missing."""

import shutil
from pathlib import Path

import pytest
import typer

from services.trainer.cli.export import main
from services.trainer.recipes.recipe import Recipe
from shared.models.checkpoints import read_card


def test_a_run_without_weights_is_reported_and_nothing_is_written(
    recipe: Recipe,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OSTINATO_CACHE_DIR", str(tmp_path / "empty"))
    monkeypatch.setenv("OSTINATO_CHECKPOINTS_DIR", str(tmp_path / "checkpoints"))
    with pytest.raises(typer.Exit) as exited:
        main(recipe)
    assert exited.value.exit_code == 1
    assert "runs/tiny has no weights yet: train tiny first." in capsys.readouterr().err
    assert not (tmp_path / "empty").exists()
    assert not (tmp_path / "checkpoints").exists()


def test_the_command_writes_the_checkpoint_folder(
    recipe: Recipe,
    shared_run: Path,
    cache_dir: Path,
    datasets_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(shared_run, cache_dir / "runs" / "tiny", dirs_exist_ok=True)
    monkeypatch.setenv("OSTINATO_CACHE_DIR", str(cache_dir))
    monkeypatch.setenv("OSTINATO_DATASETS_DIR", str(datasets_dir))
    monkeypatch.setenv("OSTINATO_CHECKPOINTS_DIR", str(tmp_path / "checkpoints"))
    main(recipe)
    assert read_card(tmp_path / "checkpoints" / "tiny").version == "tiny"
