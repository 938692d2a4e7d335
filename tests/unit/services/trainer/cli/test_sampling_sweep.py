"""The command compares settings, writes a table, and makes the best one the default if asked."""

from pathlib import Path

import pytest
import torch
import typer

from ostinato.schemas.generations import ResolvedSampling
from services.trainer.cli.sampling_sweep import main
from services.trainer.evaluation import sampling_sweep
from services.trainer.evaluation.report.sampling_table import read_sweeps
from shared.models.checkpoints import GENERATION_CONFIG, read_card, read_sampling


@pytest.fixture
def folder(own_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The checkpoint of the version `tiny`, which is swept over five settings."""
    monkeypatch.setattr(sampling_sweep.sweep, "__kwdefaults__", {"grid": sampling_sweep.GRID[:5]})
    return own_checkpoint


def test_the_best_setting_becomes_the_default_only_if_asked(folder: Path, tmp_path: Path) -> None:
    threads = torch.get_num_threads()
    for write in (False, True):
        main(["tiny"], melodies=8, threads=threads, out=tmp_path, write=write)
        assert (folder / GENERATION_CONFIG).exists() == write
    record = read_sweeps(tmp_path)["tiny"]
    assert record.model_sha256 == read_card(folder).sha256
    assert read_sampling(folder) == record.chosen.sampling
    assert ResolvedSampling() in [each.sampling for each in record.finalists]
    assert "## tiny" in (tmp_path / "sampling.md").read_text()


def test_an_unknown_version_is_an_error(folder: Path, tmp_path: Path) -> None:
    assert folder.exists()
    with pytest.raises(typer.Exit):
        main(["v99"], melodies=8, threads=1, out=tmp_path, write=False)
