"""The stack's own model versions, which start with those of the checkout.

Trained versions and measurements go to this folder, so that they do not change the checkout. Each
start adopts the versions that are new or have changed in the checkout, as after `git pull`:

| in the checkout              | in the stack's folder                                          |
|------------------------------|----------------------------------------------------------------|
| a new version                | is added: its weights as a hard link if possible, else a copy  |
| other weights                | replace the previous ones                                      |
| another card, equal weights  | replaces the card, except for an evaluation made by this stack |
| other sampling defaults      | replace the previous ones                                      |
| a version that was deleted   | stays                                                          |
"""

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from deploy.local.errors import NoModels
from ostinato.schemas.models import CARD_EXCLUDES, ModelCard

CARD, WEIGHTS = "card.json", "model.safetensors"
SAMPLING = "generation_config.json"
ADOPTED_CARD = "card.adopted.json"
"""The checkout's card when the version was adopted; a version without it was not adopted."""
STAGING = ".adopting"


def versions_in(folder: Path) -> list[str]:
    """The names of the folders with a card."""
    return sorted(card.parent.name for card in folder.glob(f"*/{CARD}"))


def require_versions(*folders: Path) -> None:
    """Raise NoModels if none of the folders has a model version."""
    if not any(versions_in(folder) for folder in folders):
        places = " nor ".join(str(folder.absolute()) for folder in folders)
        raise NoModels(
            f"There is no model version in {places}: run this command in the folder of the "
            "checkout, or set OSTINATO_CHECKPOINTS_DIR to a folder of model versions."
        )


def adopt_versions(shipped: Path, own: Path, report: Callable[[str], None]) -> None:
    """Bring `own` up to date with `shipped`; the caller has locked the state folder."""
    own.mkdir(exist_ok=True)
    shutil.rmtree(own / STAGING, ignore_errors=True)  # of a start that was killed
    for license_text in shipped.glob("*.md"):  # the cards refer to it
        _copy(license_text, own / license_text.name)
    for name in versions_in(shipped):
        _adopt(shipped / name, own / name, report)


def _adopt(shipped: Path, own: Path, report: Callable[[str], None]) -> None:
    card = (shipped / CARD).read_bytes()
    if not (own / CARD).exists():
        _replace(shipped, own)
        report(f"added the model version {own.name}")
    elif not (own / ADOPTED_CARD).exists():
        if _weights_of(own / CARD) != _weights_of(shipped / CARD):
            report(f"{own} is served, not {shipped}: both are named {own.name}")
    elif card != (own / ADOPTED_CARD).read_bytes():
        if _weights_of(shipped / CARD) == _weights_of(own / CARD):
            _update_card(card, own)
        else:
            _replace(shipped, own)
        report(f"updated the model version {own.name}")
    if (own / ADOPTED_CARD).exists():
        _update_sampling(shipped / SAMPLING, own / SAMPLING)


def _replace(shipped: Path, own: Path) -> None:
    """Fill a folder of its own first: a version appears whole or not at all."""
    staged, replaced = own.parent / STAGING / own.name, own.parent / STAGING / f"{own.name}.before"
    staged.mkdir(parents=True)
    for path in shipped.iterdir():
        if path.name == WEIGHTS:
            _link_or_copy(path, staged / path.name)
        elif path.is_file():
            _copy(path, staged / path.name)
    _copy(staged / CARD, staged / ADOPTED_CARD)
    if own.exists():
        own.rename(replaced)
    staged.rename(own)
    shutil.rmtree(own.parent / STAGING)


def _link_or_copy(source: Path, target: Path) -> None:
    """A hard link needs no space; it is not possible across file systems and between users."""
    try:
        target.hardlink_to(source.resolve())
    except OSError:
        _copy(source, target)


def _copy(source: Path, target: Path) -> None:
    """Copy the content; the error of a full disk names the target, not the source."""
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            error.filename = str(target)
        raise


def _update_card(shipped: bytes, own: Path) -> None:
    """Write the new card; an evaluation that differs from the adopted one is this stack's own."""
    adopted, current = _parse((own / ADOPTED_CARD).read_bytes()), _parse((own / CARD).read_bytes())
    card = shipped
    if adopted and current and adopted.evaluation != current.evaluation:
        update = {"evaluation": current.evaluation}
        merged = ModelCard.model_validate_json(shipped).model_copy(update=update)
        card = merged.model_dump_json(indent=2, exclude=CARD_EXCLUDES).encode() + b"\n"
    for name, content in ((CARD, card), (ADOPTED_CARD, shipped)):
        partial = own / f"{name}.partial"
        partial.write_bytes(content)
        partial.replace(own / name)


def _update_sampling(shipped: Path, own: Path) -> None:
    if not shipped.exists():
        own.unlink(missing_ok=True)
    elif not own.exists() or own.read_bytes() != shipped.read_bytes():
        partial = own.with_name(f"{SAMPLING}.partial")
        _copy(shipped, partial)
        partial.replace(own)


def _weights_of(path: Path) -> str | None:
    """The SHA-256 of the weights in a card; None if it cannot be read."""
    card = _parse(path.read_bytes())
    return card.sha256 if card else None


def _parse(card: bytes) -> ModelCard | None:
    try:
        return ModelCard.model_validate_json(card)
    except ValidationError:
        return None
