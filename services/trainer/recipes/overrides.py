"""What is different from a recipe this time, and the recipe that comes of it.

Refuses to know how it is cooked.
"""

from dataclasses import replace

from ostinato.schemas.trainings import Overrides, TrainingRequest
from services.trainer.recipes.recipes import Ingredient, Optimization, Recipe, find_recipe


def apply(request: TrainingRequest, dataset: str | None) -> Recipe:
    """The recipe that a request names, on this data set, as the overrides have it.

    Raises:
        NotFound: there is no such recipe.
    """
    recipe = find_recipe(request.recipe)
    overrides = request.overrides
    steps = overrides.steps or recipe.steps
    return replace(
        recipe,
        version=request.version,
        description=_describe(request, recipe, dataset),
        ingredients=recipe.ingredients if dataset is None else (Ingredient(name=dataset),),
        begins_from=None,
        optimization=_optimization(recipe.optimization, overrides),
        steps=steps,
        evaluate_every=_evaluate_every(recipe, steps),
        patience=overrides.patience or recipe.patience,
        seed=recipe.seed if overrides.seed is None else overrides.seed,
    )


def _optimization(of_recipe: Optimization, overrides: Overrides) -> Optimization:
    return replace(
        of_recipe,
        batch=overrides.batch or of_recipe.batch,
        learning_rate=overrides.learning_rate or of_recipe.learning_rate,
    )


def _evaluate_every(recipe: Recipe, steps: int) -> int:
    """A shorter run is examined as often as a whole one; in a longer one patience is as long."""
    share = round(recipe.evaluate_every * steps / recipe.steps)
    return min(recipe.evaluate_every, max(1, share))


def _describe(request: TrainingRequest, recipe: Recipe, dataset: str | None) -> str:
    if dataset is None and request.base is None:
        return recipe.description
    music = dataset or ", ".join(part.name for part in recipe.ingredients)
    if request.base is not None:
        return f"{request.base}, trained further on {music} by the recipe {request.recipe}."
    return f"What the recipe {request.recipe} makes of {music}."
