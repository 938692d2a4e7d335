"""Every weight moves, at a rate that rises, falls and never ends below its floor."""

import copy

import torch

from services.trainer.loop import build_decoder
from services.trainer.optim import Optimizer, schedule
from services.trainer.recipes import Recipe


def test_the_rate_rises_in_a_line_and_falls_to_the_floor(recipe: Recipe) -> None:
    config = recipe.optimization
    assert schedule(0, config) == 0
    assert schedule(config.warmup / 2, config) == 0.5
    assert schedule(config.warmup, config) == 1
    falling = [schedule(config.warmup + share * 0.9 / 10, config) for share in range(11)]
    assert falling == sorted(falling, reverse=True)
    assert abs(schedule(1, config) - config.floor) < 1e-9
    assert schedule(1.2, config) == schedule(1, config)


def test_every_weight_moves_and_gradients_are_forgotten(recipe: Recipe) -> None:
    torch.manual_seed(0)
    model = build_decoder(recipe, vocab_size=64)
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
    model = build_decoder(recipe, vocab_size=64)
    optimizer = Optimizer(model, recipe.optimization)
    steps(model, optimizer, 2)
    twin = build_decoder(recipe, vocab_size=64)
    twin.load_state_dict(model.state_dict())
    resumed = Optimizer(twin, recipe.optimization)
    resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    steps(model, optimizer, 2)
    steps(twin, resumed, 2)
    for ours, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.equal(ours, theirs)
