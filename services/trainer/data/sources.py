"""Sources of the data sets of a recipe or card: named sets, or an uploaded one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from ostinato.schemas.cards import RecipeRecord
from ostinato.schemas.models import ModelCard
from ostinato.schemas.trainings import NAMED_DATASETS
from services.trainer.data.dataset import DatasetSource
from services.trainer.data.uploads import unpack_upload
from services.trainer.settings import StoragePaths
from shared.errors import UserError
from shared.storage.blobs import Blobs


class UnknownTrainingData(UserError):
    """A card has no recipe, so the data that the version was trained on is unknown."""

    code = "unknown_training_data"
    status = 422


@contextmanager
def open_sources(
    names: Sequence[str], upload_id: UUID | None, paths: StoragePaths, folder: Path
) -> Iterator[list[DatasetSource]]:
    """Yield a source for each name; the sources can be parsed within the block.

    With an `upload_id`, there is one name, which the owner of the upload chose. The files of that
    data set are unpacked below `folder`.

    Raises:
        DatasetNotFound: a named set is not installed, or the archive is no longer in storage.
    """
    if upload_id is None:
        yield [DatasetSource.from_name(name, paths.datasets_dir) for name in names]
        return
    [name] = names
    with unpack_upload(Blobs(paths.storage_url), upload_id, name, folder) as source:
        yield [source]


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
    """The id of a requested data set; None for a named set or the recipe's data sets."""
    return None if requested is None or requested in NAMED_DATASETS else UUID(requested)


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
