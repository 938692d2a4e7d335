"""`python -m services.trainer.cli.export v2`: exports the run of a recipe."""

import typer
from rich.console import Console

from services.trainer.cli.arguments import PhaseOption, RecipeArgument, exit_on_error
from services.trainer.data.dataset import DatasetSource
from services.trainer.publishing.checkpoint_export import export
from services.trainer.recipes.phases import in_phase, run_name
from services.trainer.settings import TrainingSettings
from services.trainer.training.trainer_state import BEST_CHECKPOINT
from services.trainer.training.training_data import prepare_training_data
from shared.errors import UserError

console = Console(stderr=True)


class NotTrained(UserError):
    """The run of a recipe has no weights yet: they are written at its first validation."""

    code = "not_trained"
    status = 409


def main(recipe: RecipeArgument, phase: PhaseOption = None) -> None:
    """Export the best weights of a version's run to its checkpoint folder."""
    settings = TrainingSettings.load()
    run = settings.cache_dir / "runs" / run_name(recipe, phase)
    folder = settings.checkpoints_dir / recipe.version
    with exit_on_error(console):
        if not (run / BEST_CHECKPOINT).exists():
            raise NotTrained(f"{run} has no weights yet: train {recipe.version} first.")
        recipe = in_phase(recipe, phase)
        sources = [
            DatasetSource.from_name(part.name, settings.datasets_dir) for part in recipe.datasets
        ]
        data = prepare_training_data(recipe, sources, settings.cache_dir, run)
        card = export(recipe, data, run, folder)
    console.print_json(data=card.evaluation.model_dump(mode="json"))
    console.print(f"{folder}: {card.version} {card.sha256}")


if __name__ == "__main__":
    typer.run(main)
