"""What a card says about the data that its version was trained on.

Imports no parser, so that the registration of versions starts fast.
"""

from pathlib import Path
from uuid import UUID

from ostinato.schemas.models import ModelCard
from ostinato.schemas.recipes.recipe_records import RecipeRecord
from ostinato.schemas.trainings import NAMED_DATASETS
from services.trainer.data.catalog import MUSIC21, find_folder
from shared.errors import UserError


class UnknownTrainingData(UserError):
    """A card has no recipe, so the data that the version was trained on is unknown."""

    code = "unknown_training_data"
    status = 422


def find_data_error(card: ModelCard, datasets_dir: Path | None) -> str | None:
    """Why the data sets of a version cannot be read on this machine; None if they can.

    An uploaded data set is not searched for: `mark_missing_uploads` looks for its row.
    """
    try:
        names, upload_id = training_sets(card)
        for name in names if upload_id is None else ():
            if name != MUSIC21:
                find_folder(name, datasets_dir)
    except UserError as error:
        return error.detail
    return None


def training_sets(card: ModelCard) -> tuple[list[str], UUID | None]:
    """The names of the data sets of a version, and the id of the set if it was uploaded.

    Raises:
        UnknownTrainingData: the card has no recipe.
    """
    request = card.training.request
    names = [dataset.name for dataset in _recipe_of(card).datasets]
    return names, _upload_id(request.dataset if request else None)


def ancestor_sets(card: ModelCard) -> list[tuple[str, UUID | None]]:
    """The data sets of a version's base and of the earlier bases, except the version's own sets.

    Each data set is a name, with an id if it was uploaded, since uploaded sets may share a name.
    """
    names, own_id = training_sets(card)
    own = {own_id or name for name in names}
    found: dict[str | UUID, tuple[str, UUID | None]] = {}
    base = card.training.base
    while base is not None:
        upload_id = _upload_id(base.requested_dataset)
        found |= {upload_id or name: (name, upload_id) for name in base.datasets}
        base = base.base
    return [dataset for key, dataset in found.items() if key not in own]


def _upload_id(requested: str | None) -> UUID | None:
    """The id of a requested data set; None for a named set or the recipe's data sets.

    Raises:
        UnknownTrainingData: the data set is neither a named set nor an id.
    """
    if requested is None or requested in NAMED_DATASETS:
        return None
    try:
        return UUID(requested)
    except ValueError as error:
        raise UnknownTrainingData(
            f"The card names the data set {requested!r}, which is neither a named set nor the id "
            "of an uploaded one."
        ) from error


def dataset_weights(card: ModelCard) -> list[float]:
    """The sampling weight of each of the version's data sets.

    Raises:
        UnknownTrainingData: the card has no recipe.
    """
    return [dataset.weight for dataset in _recipe_of(card).datasets]


def training_context(card: ModelCard) -> int:
    """The context length, in tokens, that a version was trained with.

    Raises:
        UnknownTrainingData: the card has no recipe.
    """
    return _recipe_of(card).examples.context


def _recipe_of(card: ModelCard) -> RecipeRecord:
    recipe = card.training.recipe
    if recipe is None or not recipe.datasets:
        raise UnknownTrainingData(
            f"The card of {card.version} does not name its training data: training.recipe.datasets "
            "must list the data sets that the version was trained on."
        )
    return recipe
