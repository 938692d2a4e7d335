"""The validation loss under a leaky split is lower than the loss on held-out pieces."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import typer

from services.trainer.cli import data_leakage
from services.trainer.cli.data_leakage import (
    LeakyWindows,
    main,
    measure,
    nats_per_token,
    windows_of,
)
from services.trainer.publishing.checkpoint_export import export
from services.trainer.recipes.recipe import Recipe
from services.trainer.training.run_lock import lock_run
from services.trainer.training.training_data import TrainingData
from shared.models.checkpoints import read_card

PIECES = [np.arange(900, dtype=np.uint16), np.arange(100, dtype=np.uint16)]


def test_windows_overlap_and_short_pieces_have_none(recipe: Recipe) -> None:
    windows = windows_of(PIECES, data_leakage.STRIDE)
    assert windows[:, 0].tolist() == list(range(0, 900 - 256, 64))
    assert windows.shape[1] == 257
    assert windows_of(PIECES[1:], data_leakage.STRIDE).shape == (0, 257)
    leaky = LeakyWindows(PIECES, recipe)
    starts = sorted([*leaky.train[:, 0].tolist(), *leaky.validation[:, 0].tolist()])
    assert starts == windows[:, 0].tolist()
    assert len(leaky.validation) == 1


def test_a_batch_is_a_function_of_seed_and_step(recipe: Recipe) -> None:
    windows = LeakyWindows(PIECES, recipe)
    assert torch.equal(windows.batch(3).ids, LeakyWindows(PIECES, recipe).batch(3).ids)
    assert not torch.equal(windows.batch(3).ids, windows.batch(4).ids)
    batch = windows.batch(0)
    assert torch.equal(batch.ids[:, 1:], batch.targets[:, :-1])


def test_the_negative_log_likelihood_is_a_mean_over_tokens() -> None:
    class Counting(torch.nn.Module):
        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.one_hot((ids + 1) % 8, 8).float() * 100

    counted = np.arange(257)[None] % 8
    assert nats_per_token(Counting(), counted) == pytest.approx(0)
    assert nats_per_token(Counting(), counted * 0) == pytest.approx(100)


@pytest.fixture
def short_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows that fit into the tests' pieces."""
    monkeypatch.setattr(data_leakage, "WINDOW", 24)
    monkeypatch.setattr(data_leakage, "STRIDE", 4)


@pytest.mark.usefixtures("short_windows")
def test_leaky_windows_score_better_than_held_out_windows(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    """The pieces are random: the network can only memorize them."""
    longer = dataclasses.replace(
        recipe,
        steps=60,
        validate_every=60,
        optimization=dataclasses.replace(recipe.optimization, batch_size=16, learning_rate=0.02),
    )
    result = measure(longer, training_data, tmp_path)
    assert result.gap_nats_per_token > 0.2
    assert result.num_tokens == 60 * 16 * 24


@pytest.fixture
def version(
    shared_checkpoint: Path,
    cache_dir: Path,
    datasets_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """The checkpoint folder that the command finds by its settings."""
    monkeypatch.setenv("OSTINATO_CHECKPOINTS_DIR", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("OSTINATO_CACHE_DIR", str(cache_dir))
    monkeypatch.setenv("OSTINATO_DATASETS_DIR", str(datasets_dir))
    return shutil.copytree(shared_checkpoint, tmp_path / "checkpoints" / "tiny")


@pytest.mark.usefixtures("short_windows")
def test_the_card_keeps_the_measurement_when_other_weights_are_exported(
    recipe: Recipe, training_data: TrainingData, shared_run: Path, version: Path
) -> None:
    before = read_card(version)
    assert before.evaluation.data_leakage is None
    main(recipe, 2)
    measured = read_card(version).evaluation
    assert measured.data_leakage is not None
    assert measured.data_leakage.held_out_nats_per_token > 0
    assert measured.model_copy(update={"data_leakage": None}) == before.evaluation
    assert export(recipe, training_data, shared_run, version).evaluation == measured


def test_the_command_fails_if_another_process_trains_in_the_folder(
    recipe: Recipe,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OSTINATO_CACHE_DIR", str(tmp_path))
    run = tmp_path / "runs" / f"data-leakage-{recipe.version}"
    with lock_run(run), pytest.raises(typer.Exit) as exited:
        main(recipe, 2)
    assert exited.value.exit_code == 1
    assert "OSTINATO_CACHE_DIR" in capsys.readouterr().err
    assert [path.name for path in run.iterdir()] == ["lock"]
