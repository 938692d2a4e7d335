"""`python -m services.trainer.cli.migrate_cards [FOLDER]`: migrates model cards.

Rewrites each `card.json` of release 0.1.0 in the format of this release, atomically. Cards that
already have that format are left as they are; weights and tokenizers are not touched.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from ostinato.schemas.models import ModelCard
from services.trainer.cli.arguments import exit_on_error
from services.trainer.publishing.checkpoint_folder import write_card
from services.trainer.settings import TrainingSettings
from shared.card_migration import card_from_0_1_0, is_card_of_0_1_0
from shared.errors import UserError
from shared.models.checkpoints import CARD

console = Console(stderr=True)


class NoCards(UserError):
    """There is no card in the folder; it should contain checkpoint folders."""

    code = "no_cards"


class UnreadableCards(UserError):
    """Some cards have an unknown format; the detail names each file and what is wrong with it."""

    code = "unreadable_cards"
    status = 422


def main(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Folder of the checkpoint folders; default: OSTINATO_CHECKPOINTS_DIR."),
    ] = None,
) -> None:
    """Rewrite the cards of release 0.1.0 in the format of this release."""
    with exit_on_error(console):
        migrate_cards(folder or TrainingSettings.load().checkpoints_dir)


def migrate_cards(checkpoints_dir: Path) -> None:
    """Migrate every card in the folder, and print what was done with each.

    Raises:
        NoCards: the folder has no checkpoint folders.
        UnreadableCards: some cards are not valid; the others were migrated.
    """
    paths = sorted(checkpoints_dir.glob(f"*/{CARD}"))
    if not paths:
        raise NoCards(f"{checkpoints_dir.absolute()} has no checkpoint folder with a {CARD}.")
    errors: list[str] = []
    for path in paths:
        try:
            outcome = _migrate(path)
        except (OSError, ValueError) as error:
            errors.append(f"{path}: {_describe(error)}")
        else:
            console.print(f"{path.parent}: {outcome}", markup=False, soft_wrap=True)
    if errors:
        raise UnreadableCards("\n".join(errors))


def _migrate(path: Path) -> str:
    """Migrate one card; returns what was done."""
    content = json.loads(path.read_bytes())
    if not isinstance(content, dict):
        raise ValueError("it does not contain a JSON object")  # noqa: TRY004 - like JSONDecodeError
    if not is_card_of_0_1_0(content):
        ModelCard.model_validate_json(path.read_bytes())
        return "already migrated"
    try:
        migrated = card_from_0_1_0(content)
    except (AttributeError, TypeError) as error:
        raise ValueError(f"a field has a value of the wrong type: {error}") from error
    card = ModelCard.model_validate_json(json.dumps(migrated))
    write_card(card, path.parent)
    return "migrated from 0.1.0"


def _describe(error: OSError | ValueError) -> str:
    """The invalid fields of a card, or the text of the error."""
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(f"{_field(field['loc'])}: {field['msg']}" for field in error.errors())


def _field(location: Sequence[str | int]) -> str:
    """The name of a field as a dotted path."""
    return ".".join(str(part) for part in location)


if __name__ == "__main__":
    typer.run(main)
