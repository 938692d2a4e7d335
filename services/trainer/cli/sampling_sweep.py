"""`python -m services.trainer.cli.sampling_sweep v7`: chooses sampling defaults."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console

from ostinato.schemas.models import ModelCard
from services.trainer.cli.arguments import exit_on_error
from services.trainer.data.card_data import dataset_weights, training_sets
from services.trainer.data.dataset import DatasetSource, load_dataset
from services.trainer.evaluation.report.sampling_table import read_sweeps, write_sweeps
from services.trainer.evaluation.sample_quality import HeldOutSet
from services.trainer.evaluation.sampling_sweep import MelodyGenerator, sweep
from services.trainer.settings import TrainingSettings
from shared.models.checkpoints import find_version, read_card, write_sampling

console = Console(stderr=True)


def main(
    versions: Annotated[list[str], typer.Argument(metavar="VERSION", help="Versions to sweep.")],
    melodies: Annotated[
        int, typer.Option(min=8, help="Melodies of each setting; finalists: four times as many.")
    ] = 48,
    threads: Annotated[int, typer.Option(min=1, help="Threads of torch and the native code.")] = 1,
    out: Annotated[Path, typer.Option(help="Folder of sampling.json and sampling.md.")] = Path(
        "docs"
    ),
    *,
    write: Annotated[
        bool, typer.Option("--write", help="Make the best setting the default of the version.")
    ] = False,
) -> None:
    """Choose sampling defaults by the distance of the music from held-out music."""
    torch.set_num_threads(threads)
    settings = TrainingSettings.load()
    with exit_on_error(console):
        for version in versions:
            folder = find_version(settings.checkpoints_dir, version)
            card = read_card(folder)
            record = sweep(
                MelodyGenerator(folder),
                list(_held_out(card, settings)),
                version=version,
                model_sha256=card.sha256,
                num_melodies=melodies,
            )
            write_sweeps(read_sweeps(out) | {version: record}, out)
            if write:
                write_sampling(record.chosen.sampling, folder)
            console.print(f"{version}: {record.chosen.sampling}, {record.chosen.distance}")


def _held_out(card: ModelCard, settings: TrainingSettings) -> Iterator[HeldOutSet]:
    names, _ = training_sets(card)
    for name, weight in zip(names, dataset_weights(card), strict=True):
        source = DatasetSource.from_name(name, settings.datasets_dir)
        dataset = load_dataset(source, settings.cache_dir, metres=card.capabilities.time_signatures)
        yield HeldOutSet(pieces=dataset.split.held_out, weight=weight)


if __name__ == "__main__":
    typer.run(main)
