"""Application of a request's overrides to a recipe."""

from dataclasses import replace

from ostinato.schemas.trainings import HyperparameterOverrides, TrainingRequest
from services.trainer.recipes.recipe import Optimization, Recipe, WeightedDataset
from services.trainer.recipes.recipes import find_recipe


def apply_overrides(request: TrainingRequest, dataset: str | None) -> Recipe:
    """The requested recipe with the request's overrides, on `dataset` if one is named.

    Raises:
        NotFound: the recipe is unknown.
    """
    recipe = find_recipe(request.recipe)
    overrides = request.overrides
    steps = overrides.steps or recipe.steps
    return replace(
        recipe,
        version=request.version,
        description=_describe(request, recipe, dataset),
        datasets=recipe.datasets if dataset is None else (WeightedDataset(name=dataset),),
        grow_from=None,
        decay=None,
        optimization=_optimization(recipe.optimization, overrides),
        steps=steps,
        validate_every=_validate_every(recipe, steps),
        patience=overrides.patience or recipe.patience,
        seed=recipe.seed if overrides.seed is None else overrides.seed,
    )


def _optimization(optimization: Optimization, overrides: HyperparameterOverrides) -> Optimization:
    return replace(
        optimization,
        batch_size=overrides.batch_size or optimization.batch_size,
        learning_rate=overrides.learning_rate or optimization.learning_rate,
    )


def _validate_every(recipe: Recipe, steps: int) -> int:
    """Steps between validations.

    A shorter run has as many validations as a run of the recipe; a longer one has the recipe's
    interval.
    """
    scaled = round(recipe.validate_every * steps / recipe.steps)
    return min(recipe.validate_every, max(1, scaled))


def _describe(request: TrainingRequest, recipe: Recipe, dataset: str | None) -> str:
    if dataset is None and request.base is None:
        return recipe.description
    names = dataset or ", ".join(part.name for part in recipe.datasets)
    if request.base is not None:
        return f"{request.base}, fine-tuned on {names} with the recipe {request.recipe}."
    return f"The recipe {request.recipe}, trained on {names}."
