"""A request's overrides change its recipe."""

import pytest

from ostinato.schemas.trainings import HyperparameterOverrides, TrainingRequest
from services.trainer.recipes.overrides import apply_overrides
from services.trainer.recipes.recipe import WeightedDataset
from services.trainer.recipes.recipes import find_recipe
from shared.errors import NotFound


def request(recipe: str = "mini", base: str | None = None, **overrides: float) -> TrainingRequest:
    return TrainingRequest(
        recipe=recipe,
        version="mine",
        base=base,
        overrides=HyperparameterOverrides.model_validate(overrides),
    )


def test_without_overrides_only_the_version_and_grow_from_change() -> None:
    recipe, plain = apply_overrides(request("v7"), None), find_recipe("v7")
    assert recipe.version == "mine"
    assert plain.grow_from == "v7-small", "a run that other machines do not have"
    assert recipe.to_json() == plain.to_json() | {"version": "mine", "grow_from": None}


def test_overrides_replace_the_values_of_the_recipe() -> None:
    recipe = apply_overrides(request(learning_rate=0.01, batch_size=3, patience=2, seed=0), None)
    assert (recipe.optimization.learning_rate, recipe.optimization.batch_size) == (0.01, 3)
    assert (recipe.patience, recipe.seed) == (2, 0)
    assert recipe.steps == find_recipe("mini").steps


@pytest.mark.parametrize(("steps", "validate_every"), [(8, 1), (400, 20), (4000, 200), (9999, 200)])
def test_a_shorter_run_has_as_many_validations(steps: int, validate_every: int) -> None:
    recipe = apply_overrides(request(steps=steps), None)
    assert (recipe.steps, recipe.validate_every) == (steps, validate_every)


def test_a_requested_data_set_replaces_the_data_sets_of_the_recipe() -> None:
    recipe = apply_overrides(request("v8"), "tunes")
    assert recipe.datasets == (WeightedDataset(name="tunes"),)
    assert recipe.description == "The recipe v8, trained on tunes."


def test_the_description_of_a_fine_tuned_version_names_its_base() -> None:
    assert apply_overrides(request(base="mini"), "tunes").description == (
        "mini, fine-tuned on tunes with the recipe mini."
    )
    assert "on music21 with" in apply_overrides(request(base="mini"), None).description


def test_an_unknown_recipe_is_rejected() -> None:
    with pytest.raises(NotFound):
        apply_overrides(request("maxi"), None)
