"""`python -m services.trainer.publishing.export v2`: the best weights of a run become a checkpoint folder.

What the card says of the model is measured on the weights as they were written, in bf16. Refuses
to train: a run that still goes on is exported as it is, and the card says so.
"""

import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
import typer
from rich.console import Console

from ostinato.schemas.models import Capabilities, ModelCard
from services.trainer.cli.arguments import RecipeArgument, saying_why
from services.trainer.data.dataset import Dataset, Source
from services.trainer.data.tokenized import Shards
from services.trainer.evaluation.held_out import foretell
from services.trainer.publishing.checkpoint_folder import incoming_under, write_card
from services.trainer.recipes.recipes import Ingredient, Recipe, Tokens
from services.trainer.settings import TrainingSettings
from services.trainer.training.base_model import read_base
from services.trainer.training.checkpoint import load_state
from services.trainer.training.trainer import BEST, LAST, Point, Progress, build_network
from services.trainer.training.training_data import Prepared, prepare
from shared.errors import UserError
from shared.models.checkpoints import CARD, load_weights, save_weights

MAX_BARS = 64
LICENCE = "see LICENSE.md beside this folder"
OWN_LICENCE = "whatever the licences of its data sets allow to the one who had it trained"
NOWHERE: Mapping[str, Any] = {}
"""The origin of a version that somebody trained at a terminal."""
SPLIT = (
    "before anything else: music that stands twice counts once; pieces that share a tenth of their "
    "runs of ten pitch intervals stay on one side; about one such family in ten, chosen by the "
    "hash of its content, is held out. A set that publishes a split keeps it"
)

console = Console(stderr=True)


class NotTrained(UserError):
    """The run of a recipe has not got to its first examination."""

    code = "not_trained"
    status = 409


def main(recipe: RecipeArgument) -> None:
    """Write the folder of a version from the best weights of its run."""
    settings = TrainingSettings()
    run, folder = settings.home / "runs" / recipe.version, settings.checkpoints / recipe.version
    with saying_why(console):
        if not (run / BEST).exists():
            raise NotTrained(f"{run} has no weights yet: train {recipe.version} first.")
        sources = [Source.of_name(part.name, settings.data) for part in recipe.ingredients]
        card = export(recipe, prepare(recipe, sources, settings.home, run), run, folder)
    console.print_json(data=card.evaluation)
    console.print(f"{folder}: {card.version} {card.sha256}")


def export(
    recipe: Recipe,
    material: Prepared,
    run: Path,
    folder: Path,
    origin: Mapping[str, Any] = NOWHERE,
) -> ModelCard:
    """Weights, vocabulary and card of a run; what lay in the folder stays until they are whole.

    `origin` is what the card says, beside the run itself, of how the version came to be asked for.
    """
    best = build_network(recipe, material.vocabulary.vocab_size)
    best.load_state_dict(load_state(run / BEST)["model"])
    fresh = incoming_under(folder.parent) / folder.name
    shutil.rmtree(fresh, ignore_errors=True)
    sha256 = save_weights(best, fresh)
    material.vocabulary.save(fresh)
    card = ModelCard(
        version=recipe.version,
        sha256=sha256,
        description=recipe.description,
        capabilities=capabilities(recipe),
        licence=LICENCE if not origin else OWN_LICENCE,
        data=_data(recipe, material),
        training={
            "parameters": sum(weight.numel() for weight in best.parameters()),
            **_training(recipe, Progress.from_json(load_state(run / LAST)["progress"])),
            "base": read_base(run),
            **origin,
        },
        evaluation=foretell(
            load_weights(fresh),
            material.datasets,
            material.vocabulary,
            recipe.examples.context,
            infill=recipe.examples.infill > 0,
        )
        | _of_the_network(folder),
    )
    write_card(card, fresh)
    _put_over(fresh, folder)
    return card


def _put_over(fresh: Path, folder: Path) -> None:
    """Let a folder take another's place; whoever looks meanwhile finds one of them, or neither."""
    before = fresh.with_name(f"{fresh.name}.before")
    shutil.rmtree(before, ignore_errors=True)
    if folder.exists():
        folder.rename(before)
    fresh.rename(folder)
    shutil.rmtree(before, ignore_errors=True)


def capabilities(recipe: Recipe) -> Capabilities:
    """What a version of this recipe can be asked for."""
    knows_rhythm = recipe.tokens is not Tokens.PITCH_SYMBOLS
    return Capabilities(
        max_bars=MAX_BARS,
        primer=knows_rhythm,
        velocity=knows_rhythm,
        infill=recipe.examples.infill > 0,
        steering=recipe.examples.controls > 0,
    )


def _data(recipe: Recipe, material: Prepared) -> dict[str, Any]:
    sets = zip(recipe.ingredients, material.datasets, material.shards, strict=True)
    return {
        "sets": [_set(*each) for each in sets],
        "split": SPLIT,
        "tokens": material.tokens,
        "tokens_per_note": round(material.tokens / material.notes, 3),
        "vocabulary": material.vocabulary.vocab_size,
    }


def _set(ingredient: Ingredient, dataset: Dataset, shards: Shards) -> dict[str, Any]:
    return {
        "name": dataset.name,
        "about": dataset.about,
        "licence": dataset.licence,
        "weight": ingredient.weight,
        "tokens": len(shards.tokens),
        **asdict(dataset.report),
    }


def _training(recipe: Recipe, progress: Progress) -> dict[str, Any]:
    """The run up to its best point, whose weights these are, and how it ended."""
    best = progress.best
    return {
        "weights": f"the best of {len(progress.curve)} examinations by the beginnings of held-out "
        "pieces; being chosen by them, they look a trace better on them than they are",
        "steps": best.step,
        "tokens": best.tokens,
        "seconds": best.seconds,
        "seed": recipe.seed,
        "commit": progress.commit,
        "minutes": progress.minutes,
        "ended": str(progress.end or "exported before its end"),
        "torch": torch.__version__,
        "recipe": recipe.to_json(),
        "learning_curve": [_figures(point) for point in progress.curve],
    }


def _figures(point: Point) -> dict[str, Any]:
    """A point without what it sounded like."""
    return {name: value for name, value in asdict(point).items() if name != "sample"}


def _of_the_network(folder: Path) -> dict[str, Any]:
    """What the card of earlier weights, which lie there no more, says of all of this shape."""
    path = folder / CARD
    if not path.exists():
        return {}
    card = ModelCard.model_validate_json(path.read_bytes())
    return {name: figures for name, figures in card.evaluation.items() if name == "leak"}


if __name__ == "__main__":
    typer.run(main)
