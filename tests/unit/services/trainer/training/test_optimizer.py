"""Every parameter is updated, with a learning rate that rises, stays and falls to 0."""

import copy
import dataclasses

import pytest
import torch

from services.trainer.recipes.recipe import Recipe
from services.trainer.recipes.recipes import v2
from services.trainer.training.muon import orthogonalize
from services.trainer.training.network import build_network
from services.trainer.training.optimizer import MuonAdamW, wsd_schedule


def test_the_learning_rate_rises_stays_and_falls_to_0(recipe: Recipe) -> None:
    config = recipe.optimization
    assert wsd_schedule(0, config) == 0
    assert wsd_schedule(config.warmup_ratio / 2, config) == 0.5
    assert (
        wsd_schedule(config.warmup_ratio, config)
        == wsd_schedule(1 - config.decay_ratio, config)
        == 1
    )
    assert wsd_schedule(1 - config.decay_ratio / 4, config) == pytest.approx(0.25)
    assert wsd_schedule(1, config) == wsd_schedule(1.2, config) == 0


def test_a_phase_whose_share_is_0_is_left_out(recipe: Recipe) -> None:
    constant = dataclasses.replace(recipe.optimization, decay_ratio=0.0)
    assert [wsd_schedule(at, constant) for at in (0, 0.05, 0.1, 0.9, 1, 3)] == [0, 0.5, 1, 1, 1, 1]
    decay = dataclasses.replace(recipe.optimization, warmup_ratio=0.0, decay_ratio=1.0)
    assert [wsd_schedule(at, decay) for at in (0, 0.25, 1)] == [1, 0.75, 0]


def test_orthogonalization_gives_singular_values_near_one() -> None:
    """This also holds for a matrix with a skewed spectrum."""
    torch.manual_seed(0)
    for shape in ((48, 64), (64, 48), (64, 64)):
        skewed = torch.randn(shape) @ torch.diag(torch.logspace(0, -2, shape[1]))
        values = torch.linalg.svdvals(orthogonalize(skewed))
        assert values.shape == (min(shape),)
        assert values.max() < 1.3
        assert values.median() > 0.6


def test_a_recipe_may_use_adamw_alone(recipe: Recipe) -> None:
    config = dataclasses.replace(recipe.optimization, matrix_optimizer="adamw")
    assert set(MuonAdamW(build_network(recipe, 64), config).state_dict()) == {"adamw"}


def test_an_lstm_is_updated_by_adamw_alone() -> None:
    torch.manual_seed(0)
    model = build_network(v2(), vocab_size=64)
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    optimizer = MuonAdamW(model, v2().optimization)
    assert set(optimizer.state_dict()) == {"adamw"}
    model(torch.arange(16).view(2, 8)).square().mean().backward()
    optimizer.step(0.5)
    for name, weight in model.named_parameters():
        assert not torch.equal(weight, before[name]), name


def test_every_parameter_is_updated_and_gradients_are_cleared(recipe: Recipe) -> None:
    torch.manual_seed(0)
    model = build_network(recipe, vocab_size=64)
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    optimizer = MuonAdamW(model, recipe.optimization)
    model(torch.arange(16).view(2, 8)).square().mean().backward()
    optimizer.step(0.5)
    for name, weight in model.named_parameters():
        assert not torch.equal(weight, before[name]), name
        assert weight.grad is None


def test_an_optimizer_with_a_loaded_state_takes_the_same_steps(recipe: Recipe) -> None:
    def take_steps(model: torch.nn.Module, optimizer: MuonAdamW, count: int) -> None:
        for _ in range(count):
            model(torch.arange(16).view(2, 8)).square().mean().backward()
            optimizer.step(0.5)

    torch.manual_seed(0)
    model = build_network(recipe, vocab_size=64)
    optimizer = MuonAdamW(model, recipe.optimization)
    take_steps(model, optimizer, 2)
    model_copy = build_network(recipe, vocab_size=64)
    model_copy.load_state_dict(model.state_dict())
    resumed = MuonAdamW(model_copy, recipe.optimization)
    resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    take_steps(model, optimizer, 2)
    take_steps(model_copy, resumed, 2)
    for weight, copied in zip(model.parameters(), model_copy.parameters(), strict=True):
        assert torch.equal(weight, copied)
