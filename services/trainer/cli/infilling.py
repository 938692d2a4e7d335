"""`python -m services.trainer.cli.infilling v7`: measures infilling for a card.

An evaluation measures it, too, with everything else; this takes a minute or two for each data set.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ostinato.schemas.evaluations import GapSize, InfillRecord
from services.trainer.cli.arguments import exit_on_error
from services.trainer.data.card_data import training_context, training_sets
from services.trainer.data.dataset import DatasetSource, load_dataset
from services.trainer.evaluation.held_out import MAX_TOKENS, held_out_pieces
from services.trainer.evaluation.infilling import score_infilling
from services.trainer.publishing.checkpoint_folder import with_evaluation, write_card
from services.trainer.settings import TrainingSettings
from shared.models.checkpoints import find_version, load_weights, read_card
from shared.tokenizers.remi import RemiTokenizer
from shared.tokenizers.tokenizer import load_tokenizer

console = Console(stderr=True)


def main(version: Annotated[str, typer.Argument(help="Name of the version.")]) -> None:
    """Measure the likelihood of hidden bars by data set and size of the gap."""
    settings = TrainingSettings.load()
    with exit_on_error(console):
        folder = find_version(settings.checkpoints_dir, version)
        measured = measure(folder, settings)
        card = read_card(folder)
        evaluation = card.evaluation.model_copy(update={"infill_by_dataset": measured})
        write_card(with_evaluation(card, evaluation), folder)
    console.print_json(data=evaluation.model_dump(mode="json", include={"infill_by_dataset"}))


def measure(folder: Path, settings: TrainingSettings) -> dict[str, dict[GapSize, InfillRecord]]:
    """The measurements of the version in a folder, by data set.

    Raises:
        typer.BadParameter: it does not regenerate bars.
        DatasetNotFound: a data set of the version is missing.
    """
    card, tokenizer = read_card(folder), load_tokenizer(folder)
    if not card.capabilities.infill or not isinstance(tokenizer, RemiTokenizer):
        raise typer.BadParameter(f"{card.version} does not regenerate bars")
    network, context = load_weights(folder), training_context(card)
    names, _ = training_sets(card)
    found = {}
    for name in names:
        source = DatasetSource.from_name(name, settings.datasets_dir)
        dataset = load_dataset(source, settings.cache_dir, metres=card.capabilities.time_signatures)
        pieces = held_out_pieces(dataset, tokenizer, MAX_TOKENS)
        found[name] = score_infilling(network, pieces, tokenizer, context)
    return found


if __name__ == "__main__":
    typer.run(main)
