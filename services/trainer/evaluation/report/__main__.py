"""`python -m services.trainer.evaluation.report --out docs`: writes the report."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from services.trainer.evaluation.report.report import load_cards, write_report
from services.trainer.settings import TrainingSettings
from shared.errors import OstinatoError

console = Console(stderr=True)


def main(
    versions: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="VERSION",
            help="Versions to report on; default: all with evaluated samples.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder to write the report to.")] = Path("docs"),
    checkpoints_dir: Annotated[
        Path | None,
        typer.Option(
            "--checkpoints",
            help="Folder of the checkpoint folders; default: OSTINATO_CHECKPOINTS_DIR.",
        ),
    ] = None,
) -> None:
    """Write a report on versions from their cards: Markdown, JSON and SVG figures."""
    try:
        cards = load_cards(checkpoints_dir or TrainingSettings.load().checkpoints_dir, versions)
    except OstinatoError as error:
        console.print(error.detail, markup=False, soft_wrap=True)
        raise typer.Exit(1) from error
    for path in write_report(cards, out):
        console.print(str(path), markup=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
