"""Windows of one piece on both sides make a loss that held-out pieces do not confirm."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
import typer

from services.trainer.evaluation import data_leakage
from services.trainer.evaluation.data_leakage import (
    Windows,
    main,
    measure,
    nats_per_token,
    windows_of,
)
from services.trainer.publishing.export import export
from services.trainer.recipes.recipes import Recipe
from services.trainer.training.run_lock import locked
from services.trainer.training.trainer import Progress, Training
from services.trainer.training.training_data import Prepared
from shared.models.checkpoints import read_card

PIECES = [np.arange(900, dtype=np.uint16), np.arange(100, dtype=np.uint16)]


def test_windows_overlap_and_short_pieces_have_none(recipe: Recipe) -> None:
    windows = windows_of(PIECES, data_leakage.STRIDE)
    assert windows[:, 0].tolist() == list(range(0, 900 - 256, 64))
    assert windows.shape[1] == 257
    assert windows_of(PIECES[1:], data_leakage.STRIDE).shape == (0, 257)
    cut = Windows(PIECES, recipe)
    begins = sorted([*cut.train[:, 0].tolist(), *cut.validation[:, 0].tolist()])
    assert begins == windows[:, 0].tolist()
    assert len(cut.validation) == 1


def test_a_batch_is_a_function_of_seed_and_step(recipe: Recipe) -> None:
    cut = Windows(PIECES, recipe)
    assert torch.equal(cut.batch(3).ids, Windows(PIECES, recipe).batch(3).ids)
    assert not torch.equal(cut.batch(3).ids, cut.batch(4).ids)
    batch = cut.batch(0)
    assert torch.equal(batch.ids[:, 1:], batch.targets[:, :-1])


def test_surprise_is_counted_once_a_token() -> None:
    class Knows(torch.nn.Module):
        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.one_hot((ids + 1) % 8, 8).float() * 100

    right = np.arange(257)[None] % 8
    assert nats_per_token(Knows(), right) == pytest.approx(0)
    assert nats_per_token(Knows(), right * 0) == pytest.approx(100)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows as short as the tests' pieces need."""
    monkeypatch.setattr(leak, "WINDOW", 24)
    monkeypatch.setattr(leak, "STRIDE", 4)


@pytest.mark.usefixtures("short")
def test_what_was_seen_is_foretold_better_than_what_was_not(
    recipe: Recipe, material: Prepared, tmp_path: Path
) -> None:
    """Random tunes: nothing can be learnt from them but themselves."""
    longer = dataclasses.replace(
        recipe,
        steps=600,
        evaluate_every=600,
        optimization=dataclasses.replace(recipe.optimization, batch=16),
    )
    result = measure(longer, material, tmp_path)
    assert result["gap_nats_per_token"] > 0.2
    assert result["tokens"] == 600 * 16 * 24


@pytest.mark.usefixtures("short")
def test_the_card_says_what_was_measured_also_when_other_weights_are_exported(
    recipe: Recipe,
    material: Prepared,
    home: Path,
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    training = Training(
        recipe=recipe, material=material, folder=tmp_path / "run", progress=Progress(commit="")
    )
    assert training.run(lambda: False, lambda: None)
    folder = tmp_path / recipe.version
    before = export(recipe, material, tmp_path / "run", folder)
    assert "leak" not in before.evaluation
    monkeypatch.setenv("OSTINATO_CHECKPOINTS", str(tmp_path))
    monkeypatch.setenv("OSTINATO_HOME", str(home))
    monkeypatch.setenv("OSTINATO_DATA", str(data))
    main(recipe, 2)
    measured = read_card(folder).evaluation
    assert measured["leak"]["held_out_nats_per_token"] > 0
    assert {**measured, "leak": None} == {**before.evaluation, "leak": None}
    assert export(recipe, material, tmp_path / "run", folder).evaluation == measured


def test_a_folder_that_another_process_trains_in_is_left_to_it(
    recipe: Recipe,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OSTINATO_HOME", str(tmp_path))
    run = tmp_path / "runs" / f"leak-{recipe.version}"
    with locked(run), pytest.raises(typer.Exit) as ended:
        main(recipe, 2)
    assert ended.value.exit_code == 1
    assert "trains there; stop it or wait for its end" in capsys.readouterr().err
    assert [path.name for path in run.iterdir()] == ["lock"]
