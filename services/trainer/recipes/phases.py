"""The phases of warmup-stable-decay (WSD) as runs of their own.

A run at a constant learning rate can be stopped at any time and continued later without a loss. A
decay run starts with its latest weights and optimizer state, and leaves them as they are. So the
constant run can go on after a trial decay, and only the decay is repeated (Hu et al. 2024,
arXiv:2404.06395; Haegele et al. 2024, arXiv:2405.18392).
"""

from dataclasses import replace
from enum import StrEnum

from services.trainer.recipes.recipe import DecayChanges, Recipe, WeightedDataset


class Phase(StrEnum):
    """A part of the schedule."""

    CONSTANT = "constant"
    """Warm-up, then a constant learning rate."""
    DECAY = "decay"
    """The learning rate falls to 0."""


def in_phase(recipe: Recipe, phase: Phase | None) -> Recipe:
    """The recipe of a run of one phase; None for the whole schedule in one run."""
    if phase is Phase.CONSTANT:
        optimization = replace(recipe.optimization, decay_ratio=0.0)
        return replace(recipe, optimization=optimization, decay=None)
    return _decay(recipe) if phase is Phase.DECAY else recipe


def run_name(recipe: Recipe, phase: Phase | None) -> str:
    """The name of the folder of a run."""
    return recipe.version if phase is None else f"{recipe.version}-{phase}"


def _decay(recipe: Recipe) -> Recipe:
    """Without a time budget it has the steps that the decay takes in a run of the whole schedule.

    Its crops are not those of the constant run.
    """
    changes = recipe.decay or DecayChanges(
        dataset_weights=tuple(dataset.weight for dataset in recipe.datasets),
        infill_rate=recipe.examples.infill_rate,
    )
    return replace(
        recipe,
        datasets=tuple(
            WeightedDataset(name=dataset.name, weight=weight)
            for dataset, weight in zip(recipe.datasets, changes.dataset_weights, strict=True)
        ),
        examples=replace(recipe.examples, infill_rate=changes.infill_rate),
        grow_from=None,
        optimization=replace(recipe.optimization, warmup_ratio=0.0, decay_ratio=1.0),
        decay=None,
        steps=max(1, round(recipe.steps * recipe.optimization.decay_ratio)),
        seed=recipe.seed + 1,
    )
