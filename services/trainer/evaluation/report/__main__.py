"""`python -m services.trainer.evaluation.report --out docs`: writes the report."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from services.trainer.cli.arguments import exit_on_error
from services.trainer.evaluation.report.report import load_cards, write_report
from services.trainer.settings import TrainingSettings

console = Console(stderr=True)


def main(
    versions: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[VERSION]...",
            help="What to report on; default: every version with evaluated samples.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder to write the report to.")] = Path("docs"),
    checkpoints_dir: Annotated[
        Path | None,
        typer.Option("--checkpoints", help="Folder of the versions' checkpoint folders."),
    ] = None,
) -> None:
    """Write a report on versions from their cards: Markdown, JSON and SVG figures."""
    with exit_on_error(console):
        cards = load_cards(checkpoints_dir or TrainingSettings().checkpoints_dir, versions)
        for path in write_report(cards, out):
            console.print(str(path), markup=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
