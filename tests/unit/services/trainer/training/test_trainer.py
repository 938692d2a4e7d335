"""A resumed run equals an uninterrupted one, and a run ends for the expected reason."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from services.trainer.data.dataset import DatasetSource
from services.trainer.recipes.recipe import DecoderShape, LstmShape, Recipe
from services.trainer.training.checkpoint import load_state
from services.trainer.training.network import build_network
from services.trainer.training.trainer import Diverged, RecipeMismatch, Trainer
from services.trainer.training.trainer_state import (
    BEST_CHECKPOINT,
    LAST_CHECKPOINT,
    StopReason,
    TrainerState,
)
from services.trainer.training.training_data import TrainingData, prepare_training_data
from tests.unit.services.trainer.conftest import DATASET, TINY

DROPOUT = DecoderShape(layers=1, heads=2, d_model=64, d_ff=64, residual_dropout=0.2)
LSTM = LstmShape(units=(16, 16), dropout=0.5)
"""Its dropout uses the random state, so a state that is not restored changes the weights."""


def make_trainer(
    recipe: Recipe, training_data: TrainingData, folder: Path, minutes: float | None = None
) -> Trainer:
    return Trainer(
        recipe=recipe,
        data=training_data,
        folder=folder,
        state=TrainerState(commit="none"),
        minutes=minutes,
    )


def never() -> bool:
    return False


def after(calls: int) -> Callable[[], bool]:
    remaining = iter(range(calls))
    return lambda: next(remaining, None) is None


def ignore_report() -> None:
    pass


@pytest.fixture(
    scope="module", params=[TINY.network, DROPOUT, LSTM], ids=["decoder", "dropout", "LSTM"]
)
def whole(
    request: pytest.FixtureRequest,
    datasets_dir: Path,
    warm_cache_dir: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Trainer:
    """A run that was not interrupted."""
    sources = [DatasetSource.from_name(DATASET, datasets_dir)]
    data = prepare_training_data(TINY, sources, warm_cache_dir, warm_cache_dir / "runs" / "tiny")
    recipe = dataclasses.replace(TINY, network=request.param)
    trainer = make_trainer(recipe, data, tmp_path_factory.mktemp("whole"))
    assert trainer.run(never, ignore_report)
    return trainer


@pytest.mark.parametrize("stopped_after", [0, 1, 3, 5])
def test_a_resumed_run_equals_an_uninterrupted_one_bit_for_bit(
    whole: Trainer, training_data: TrainingData, tmp_path: Path, stopped_after: int
) -> None:
    """Validations at steps 3 and 6 do not affect later steps."""
    recipe = whole.recipe
    assert not make_trainer(recipe, training_data, tmp_path / "cut").run(
        after(stopped_after), ignore_report
    )
    torch.manual_seed(99)
    resumed = make_trainer(recipe, training_data, tmp_path / "cut")
    resumed.resume()
    assert resumed.state.step == stopped_after
    assert resumed.run(never, ignore_report)

    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, resumed.model.state_dict()[name]), name
    assert [dataclasses.replace(point, seconds=0) for point in whole.state.validations] == [
        dataclasses.replace(point, seconds=0) for point in resumed.state.validations
    ]


def test_a_run_whose_minutes_are_spent_continues_with_a_larger_budget(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    def with_budget(minutes: float) -> Trainer:
        return Trainer(
            recipe=recipe,
            data=training_data,
            folder=tmp_path,
            state=TrainerState(commit="none"),
            minutes=minutes,
        )

    first = with_budget(1e-6)
    assert first.run(never, ignore_report)
    assert (first.state.step, first.state.stop_reason) == (1, StopReason.BUDGET_SPENT)
    same, more = with_budget(1e-6), with_budget(60)
    same.resume()
    assert same.state.stop_reason is StopReason.BUDGET_SPENT
    more.resume()
    assert not more.run(after(2), ignore_report)
    assert more.state.step == 3


def test_training_lowers_the_held_out_loss_and_keeps_the_best_weights(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    longer = dataclasses.replace(recipe, steps=40, validate_every=10)
    trainer = make_trainer(longer, training_data, tmp_path)
    assert trainer.run(never, ignore_report)
    assert trainer.state.stop_reason is StopReason.BUDGET_SPENT
    first, last = trainer.state.validations[0], trainer.state.validations[-1]
    assert last.held_out_nats_per_note < first.held_out_nats_per_note
    best = load_state(tmp_path / BEST_CHECKPOINT)["trainer_state"]["validations"][-1]
    assert best["step"] == trainer.state.best.step


def averaged(recipe: Recipe) -> Recipe:
    return dataclasses.replace(
        recipe, optimization=dataclasses.replace(recipe.optimization, average_decay=0.9)
    )


def test_the_average_of_the_weights_is_evaluated_beside_them(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    trainer = make_trainer(averaged(recipe), training_data, tmp_path)
    expected: dict[str, torch.Tensor] = {}

    def follow() -> None:
        for name, weight in trainer.model.state_dict().items():
            expected.setdefault(name, weight.clone()).lerp_(weight, 0.1)

    assert trainer.run(never, follow)
    average = load_state(tmp_path / LAST_CHECKPOINT)["average"]
    for name, weight in expected.items():
        assert torch.allclose(average[f"module.{name}"], weight, atol=1e-6), name
    points = trainer.state.validations
    assert all(point.averaged_nats_per_note is not None for point in points)
    best = trainer.state.best
    assert best.best_nats_per_note == min(
        min(point.held_out_nats_per_note, point.averaged_nats_per_note or 99) for point in points
    )
    trainer.model.load_state_dict(load_state(tmp_path / BEST_CHECKPOINT)["model"])
    assert trainer._validation_loss(trainer.model) == pytest.approx(best.best_nats_per_note)


def test_a_resumed_run_has_the_same_average(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    assert make_trainer(averaged(recipe), training_data, tmp_path / "a").run(never, ignore_report)
    cut = make_trainer(averaged(recipe), training_data, tmp_path / "b")
    assert not cut.run(after(4), ignore_report)
    resumed = make_trainer(averaged(recipe), training_data, tmp_path / "b")
    resumed.resume()
    assert resumed.run(never, ignore_report)
    first, second = (load_state(tmp_path / run / LAST_CHECKPOINT)["average"] for run in "ab")
    for name, weight in first.items():
        assert torch.equal(weight, second[name]), name


def test_dropout_applies_in_training_only(recipe: Recipe) -> None:
    assert isinstance(recipe.network, DecoderShape)
    shape = dataclasses.replace(recipe.network, residual_dropout=0.5)
    network = build_network(dataclasses.replace(recipe, network=shape), 64)
    assert set(network.state_dict()) == set(build_network(recipe, 64).state_dict())
    ids = torch.arange(16).view(2, 8)
    assert not torch.equal(network(ids), network(ids))
    network.eval()
    assert torch.equal(network(ids), network(ids))


def test_a_run_stops_early_when_the_held_out_loss_stops_improving(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    constant = dataclasses.replace(
        recipe,
        steps=1000,
        validate_every=1,
        patience=2,
        optimization=dataclasses.replace(recipe.optimization, learning_rate=0.0),
    )
    trainer = make_trainer(constant, training_data, tmp_path)
    assert trainer.run(never, ignore_report)
    assert trainer.state.stop_reason is StopReason.EARLY_STOPPING
    assert trainer.state.step == 3


def test_a_budget_in_minutes_counts_the_seconds_in_steps(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    trainer = make_trainer(recipe, training_data, tmp_path, minutes=0.001)
    assert trainer.run(never, ignore_report)
    assert trainer.state.stop_reason is StopReason.BUDGET_SPENT
    assert trainer.state.seconds >= 0.06
    assert trainer.state.minutes == 0.001


def test_a_finished_run_stays_finished(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    assert make_trainer(recipe, training_data, tmp_path).run(never, ignore_report)
    again = make_trainer(recipe, training_data, tmp_path)
    again.resume()
    assert again.run(never, ignore_report)
    assert again.state.step == recipe.steps


def test_a_run_is_not_resumed_with_another_recipe(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    make_trainer(recipe, training_data, tmp_path).run(after(1), ignore_report)
    assert (tmp_path / LAST_CHECKPOINT).exists()
    other = make_trainer(dataclasses.replace(recipe, seed=2), training_data, tmp_path)
    with pytest.raises(RecipeMismatch, match="move the folder away"):
        other.resume()


def test_a_run_is_resumed_with_another_description(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    make_trainer(recipe, training_data, tmp_path).run(after(1), ignore_report)
    reworded = dataclasses.replace(recipe, description="The same recipe in other words.")
    trainer = make_trainer(reworded, training_data, tmp_path)
    trainer.resume()
    assert trainer.state.step == 1


def test_no_checkpoint_is_written_if_before_save_raises(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    def fail() -> None:
        raise PermissionError

    trainer = make_trainer(recipe, training_data, tmp_path)
    trainer.before_save = fail
    with pytest.raises(PermissionError):
        trainer.run(never, ignore_report)
    assert list(tmp_path.glob("*.checkpoint")) == []


def test_a_run_that_diverges_suggests_a_learning_rate(
    recipe: Recipe, training_data: TrainingData, tmp_path: Path
) -> None:
    trainer = make_trainer(recipe, training_data, tmp_path)
    weights = {name: weight * float("nan") for name, weight in trainer.model.state_dict().items()}
    trainer.load_initial_weights(weights)
    with pytest.raises(Diverged, match=r"use a learning_rate below 0\.01"):
        trainer.run(never, ignore_report)
    assert list(tmp_path.glob("*.checkpoint")) == []
