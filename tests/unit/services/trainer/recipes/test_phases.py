"""A phase of the schedule is a run of its own."""

import dataclasses

from services.trainer.recipes.phases import Phase, in_phase, run_name
from services.trainer.recipes.recipe import DecayChanges, Recipe
from services.trainer.recipes.recipes import v8


def test_a_constant_run_does_not_decay(recipe: Recipe) -> None:
    constant = in_phase(recipe, Phase.CONSTANT)
    assert constant.optimization.decay_ratio == 0
    assert constant.optimization.warmup_ratio == recipe.optimization.warmup_ratio
    assert dataclasses.replace(constant, optimization=recipe.optimization) == recipe
    assert in_phase(recipe, None) is recipe


def test_a_decay_run_takes_as_long_as_the_decay_of_a_whole_run(recipe: Recipe) -> None:
    decay = in_phase(recipe, Phase.DECAY)
    assert (decay.optimization.warmup_ratio, decay.optimization.decay_ratio) == (0, 1)
    assert decay.steps == recipe.steps * recipe.optimization.decay_ratio
    assert decay.seed != recipe.seed, "it has other crops"
    assert (decay.datasets, decay.examples) == (recipe.datasets, recipe.examples)


def test_the_decay_of_v8_has_equal_sets_and_more_masked_bars() -> None:
    decay = in_phase(v8(), Phase.DECAY)
    assert [(part.name, part.weight) for part in decay.datasets] == [
        ("reference-mixed", 1.0),
        ("maestro", 1.0),
    ]
    assert decay.examples.infill_rate == 0.5
    assert v8().decay == DecayChanges(dataset_weights=(1.0, 1.0), infill_rate=0.5)
    assert "decay" not in decay.to_json()


def test_each_phase_has_a_folder(recipe: Recipe) -> None:
    names = [run_name(recipe, phase) for phase in (None, Phase.CONSTANT, Phase.DECAY)]
    assert names == ["tiny", "tiny-constant", "tiny-decay"]
