"""Every weight moves, at a rate that rises, falls and never ends below its floor."""

import copy
import dataclasses

import pytest
import torch

from services.trainer.recipes.recipes import Recipe, v2
from services.trainer.training.muon import orthogonalise
from services.trainer.training.optimizer import Optimizer, schedule
from services.trainer.training.trainer import build_network


def test_the_rate_rises_stays_and_falls_to_nothing(recipe: Recipe) -> None:
    config = recipe.optimization
    assert schedule(0, config) == 0
    assert schedule(config.warmup / 2, config) == 0.5
    assert schedule(config.warmup, config) == schedule(1 - config.decay, config) == 1
    assert schedule(1 - config.decay / 4, config) == pytest.approx(0.25)
    assert schedule(1, config) == schedule(1.2, config) == 0


def test_muon_moves_a_matrix_by_as_much_in_every_direction() -> None:
    """What comes out of a gradient of any spectrum is close to orthogonal."""
    torch.manual_seed(0)
    for shape in ((48, 64), (64, 48), (64, 64)):
        skewed = torch.randn(shape) @ torch.diag(torch.logspace(0, -2, shape[1]))
        values = torch.linalg.svdvals(orthogonalise(skewed))
        assert values.shape == (min(shape),)
        assert values.max() < 1.3
        assert values.median() > 0.6


def test_a_recipe_may_leave_everything_to_adamw(recipe: Recipe) -> None:
    config = dataclasses.replace(recipe.optimization, matrices="adamw")
    assert set(Optimizer(build_network(recipe, 64), config).state_dict()) == {"adamw"}


def test_an_lstm_is_moved_by_adamw_alone() -> None:
    torch.manual_seed(0)
    model = build_network(v2(), vocab_size=64)
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    optimizer = Optimizer(model, v2().optimization)
    assert set(optimizer.state_dict()) == {"adamw"}
    model(torch.arange(16).view(2, 8)).square().mean().backward()
    optimizer.step(0.5)
    for name, weight in model.named_parameters():
        assert not torch.equal(weight, before[name]), name


def test_every_weight_moves_and_gradients_are_forgotten(recipe: Recipe) -> None:
    torch.manual_seed(0)
    model = build_network(recipe, vocab_size=64)
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    optimizer = Optimizer(model, recipe.optimization)
    model(torch.arange(16).view(2, 8)).square().mean().backward()
    optimizer.step(0.5)
    for name, weight in model.named_parameters():
        assert not torch.equal(weight, before[name]), name
        assert weight.grad is None


def test_an_optimizer_goes_on_where_its_state_was_taken(recipe: Recipe) -> None:
    def steps(model: torch.nn.Module, optimizer: Optimizer, count: int) -> None:
        for _ in range(count):
            model(torch.arange(16).view(2, 8)).square().mean().backward()
            optimizer.step(0.5)

    torch.manual_seed(0)
    model = build_network(recipe, vocab_size=64)
    optimizer = Optimizer(model, recipe.optimization)
    steps(model, optimizer, 2)
    twin = build_network(recipe, vocab_size=64)
    twin.load_state_dict(model.state_dict())
    resumed = Optimizer(twin, recipe.optimization)
    resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    steps(model, optimizer, 2)
    steps(twin, resumed, 2)
    for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.equal(ours, theirs)
