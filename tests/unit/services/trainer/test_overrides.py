"""A request and a recipe give the recipe of a run."""

import pytest

from ostinato.schemas.trainings import Overrides, TrainingRequest
from services.trainer.recipes.overrides import apply
from services.trainer.recipes.recipes import Ingredient, find_recipe
from shared.errors import NotFound


def request(recipe: str = "mini", base: str | None = None, **overrides: float) -> TrainingRequest:
    return TrainingRequest(
        recipe=recipe, version="mine", base=base, overrides=Overrides.model_validate(overrides)
    )


def test_without_overrides_only_the_name_and_where_it_begins_are_others() -> None:
    recipe, plain = apply(request("v7"), None), find_recipe("v7")
    assert recipe.version == "mine"
    assert plain.begins_from == "seedling", "which is not there for everybody"
    assert recipe.to_json() == plain.to_json() | {"version": "mine", "begins_from": None}


def test_each_override_takes_its_place() -> None:
    recipe = apply(request(learning_rate=0.01, batch=3, patience=2, seed=0), None)
    assert (recipe.optimization.learning_rate, recipe.optimization.batch) == (0.01, 3)
    assert (recipe.patience, recipe.seed) == (2, 0)
    assert recipe.steps == find_recipe("mini").steps


@pytest.mark.parametrize(("steps", "evaluate_every"), [(8, 1), (400, 20), (4000, 200), (9999, 200)])
def test_a_shorter_run_is_examined_as_often(steps: int, evaluate_every: int) -> None:
    recipe = apply(request(steps=steps), None)
    assert (recipe.steps, recipe.evaluate_every) == (steps, evaluate_every)


def test_one_data_set_takes_the_place_of_all() -> None:
    recipe = apply(request("v8"), "tunes")
    assert recipe.ingredients == (Ingredient(name="tunes"),)
    assert recipe.description == "What the recipe v8 makes of tunes."


def test_what_was_trained_further_says_so() -> None:
    assert apply(request(base="mini"), "tunes").description == (
        "mini, trained further on tunes by the recipe mini."
    )
    assert "on music21 by" in apply(request(base="mini"), None).description


def test_an_unknown_recipe_is_refused() -> None:
    with pytest.raises(NotFound):
        apply(request("maxi"), None)
