"""A run can be stopped anywhere and ends as if it had not been; it stops when it should."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from services.trainer.recipes.recipes import DecoderShape, LstmShape, Recipe
from services.trainer.training.checkpoint import load_state
from services.trainer.training.trainer import (
    BEST,
    LAST,
    Diverged,
    End,
    OtherRecipe,
    Progress,
    Training,
)
from services.trainer.training.training_data import Prepared
from tests.unit.services.trainer.conftest import TINY

LSTM = LstmShape(units=(16, 16), dropout=0.5)
"""It draws other chances in each step, so one step without dropout shows."""


def training(
    recipe: Recipe, material: Prepared, folder: Path, minutes: float | None = None
) -> Training:
    return Training(
        recipe=recipe,
        material=material,
        folder=folder,
        progress=Progress(commit="none"),
        minutes=minutes,
    )


def never() -> bool:
    return False


def after(calls: int) -> Callable[[], bool]:
    remaining = iter(range(calls))
    return lambda: next(remaining, None) is None


def silent() -> None:
    pass


@pytest.mark.parametrize("network", [TINY.network, LSTM], ids=["decoder", "LSTM"])
@pytest.mark.parametrize("stopped_after", [0, 1, 3, 5])
def test_a_resumed_run_equals_one_that_was_never_stopped_to_the_last_bit(
    recipe: Recipe,
    material: Prepared,
    tmp_path: Path,
    stopped_after: int,
    network: DecoderShape | LstmShape,
) -> None:
    """Examinations at steps 3 and 6 leave no trace in what is learnt after them."""
    recipe = dataclasses.replace(recipe, network=network)
    whole = training(recipe, material, tmp_path / "whole")
    assert whole.run(never, silent)

    assert not training(recipe, material, tmp_path / "cut").run(after(stopped_after), silent)
    torch.manual_seed(99)
    resumed = training(recipe, material, tmp_path / "cut")
    resumed.resume()
    assert resumed.progress.step == stopped_after
    assert resumed.run(never, silent)

    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, resumed.model.state_dict()[name]), name
    assert [dataclasses.replace(point, seconds=0) for point in whole.progress.curve] == [
        dataclasses.replace(point, seconds=0) for point in resumed.progress.curve
    ]


def test_a_run_that_has_spent_its_minutes_goes_on_when_it_is_given_more(
    recipe: Recipe, material: Prepared, tmp_path: Path
) -> None:
    def budget(minutes: float) -> Training:
        return Training(
            recipe=recipe,
            material=material,
            folder=tmp_path,
            progress=Progress(commit="none"),
            minutes=minutes,
        )

    first = budget(1e-6)
    assert first.run(never, silent)
    assert (first.progress.step, first.progress.end) == (1, End.BUDGET)
    same, more = budget(1e-6), budget(60)
    same.resume()
    assert same.progress.end is End.BUDGET
    more.resume()
    assert not more.run(after(2), silent)
    assert more.progress.step == 3


def test_it_learns_and_keeps_its_best_weights(
    recipe: Recipe, material: Prepared, tmp_path: Path
) -> None:
    longer = dataclasses.replace(recipe, steps=40, evaluate_every=10)
    run = training(longer, material, tmp_path)
    assert run.run(never, silent)
    assert run.progress.end is End.BUDGET
    first, last = run.progress.curve[0], run.progress.curve[-1]
    assert last.held_out_nats_per_note < first.held_out_nats_per_note
    best = load_state(tmp_path / BEST)["progress"]["curve"][-1]
    assert best["step"] == run.progress.best.step


def test_it_ends_when_the_held_out_pieces_stop_getting_better(
    recipe: Recipe, material: Prepared, tmp_path: Path
) -> None:
    still = dataclasses.replace(
        recipe,
        steps=1000,
        evaluate_every=1,
        patience=2,
        optimization=dataclasses.replace(recipe.optimization, learning_rate=0.0),
    )
    run = training(still, material, tmp_path)
    assert run.run(never, silent)
    assert run.progress.end is End.PATIENCE
    assert run.progress.step == 3


def test_a_budget_in_minutes_ends_a_run_by_the_clock(
    recipe: Recipe, material: Prepared, tmp_path: Path
) -> None:
    run = training(recipe, material, tmp_path, minutes=0.001)
    assert run.run(never, silent)
    assert run.progress.end is End.BUDGET
    assert run.progress.seconds >= 0.06
    assert run.progress.minutes == 0.001


def test_a_finished_run_stays_finished(recipe: Recipe, material: Prepared, tmp_path: Path) -> None:
    assert training(recipe, material, tmp_path).run(never, silent)
    again = training(recipe, material, tmp_path)
    again.resume()
    assert again.run(never, silent)
    assert again.progress.step == recipe.steps


def test_a_run_does_not_go_on_under_another_recipe(
    recipe: Recipe, material: Prepared, tmp_path: Path
) -> None:
    training(recipe, material, tmp_path).run(after(1), silent)
    assert (tmp_path / LAST).exists()
    other = training(dataclasses.replace(recipe, seed=2), material, tmp_path)
    with pytest.raises(OtherRecipe):
        other.resume()


def test_without_leave_no_checkpoint_is_written(
    recipe: Recipe, material: Prepared, tmp_path: Path
) -> None:
    def refuse() -> None:
        raise PermissionError

    run = training(recipe, material, tmp_path)
    run.guard = refuse
    with pytest.raises(PermissionError):
        run.run(never, silent)
    assert list(tmp_path.glob("*.checkpoint")) == []


def test_a_run_that_diverges_says_what_would_help(
    recipe: Recipe, material: Prepared, tmp_path: Path
) -> None:
    run = training(recipe, material, tmp_path)
    weights = {name: weight * float("nan") for name, weight in run.model.state_dict().items()}
    run.begin_from(weights)
    with pytest.raises(Diverged, match=r"take a learning_rate below 0\.01"):
        run.run(never, silent)
    assert list(tmp_path.glob("*.checkpoint")) == []
