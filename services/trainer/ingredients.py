"""The music of a recipe, wherever it lies: sets that have a name, or one that was handed in.

Refuses to read it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from services.trainer.data.dataset import Source
from services.trainer.data.uploads import unpacked
from services.trainer.words import Places
from shared.errors import UserError
from shared.schemas.models import ModelCard
from shared.schemas.trainings import NAMED_DATASETS
from shared.storage.blobs import Blobs


class UnknownMusic(UserError):
    """A card does not say which music its version learnt from; let it name the recipe."""

    code = "unknown_music"
    status = 422


@contextmanager
def opened(
    names: Sequence[str], handed_in: UUID | None, places: Places, folder: Path
) -> Iterator[list[Source]]:
    """A source for each name, to be read inside the block.

    `handed_in` is the id of the one set whose name is what its owner calls it; its files lie below
    `folder` meanwhile.

    Raises:
        DatasetNotFound: a set is not on this machine, or not in the storage any more.
    """
    if handed_in is None:
        yield [Source.of_name(name, places.data) for name in names]
        return
    [name] = names
    with unpacked(Blobs(places.storage_url), handed_in, name, folder) as source:
        yield [source]


def learnt_from(card: ModelCard) -> tuple[list[str], UUID | None]:
    """What a version was made of: names, and the id of the set if it was handed in.

    Raises:
        UnknownMusic: its card does not say.
    """
    names = [part["name"] for part in _ingredients(card)]
    dataset = card.training.get("request", {}).get("dataset")
    handed_in = None if dataset is None or dataset in NAMED_DATASETS else UUID(dataset)
    return names, handed_in


def learnt_before(card: ModelCard) -> list[str]:
    """The sets that the weights that a version began with had learnt from, beside its own."""
    own = {part["name"] for part in _ingredients(card)}
    names: list[str] = []
    base = card.training.get("base")
    while base is not None:
        names += base.get("music", [])
        base = base.get("base")
    return [name for name in dict.fromkeys(names) if name not in own]


def weights_of(card: ModelCard) -> list[float]:
    """How often each of these sets' music was drawn beside that of the others.

    Raises:
        UnknownMusic: its card does not say.
    """
    return [part.get("weight", 1.0) for part in _ingredients(card)]


def _ingredients(card: ModelCard) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = card.training.get("recipe", {}).get("ingredients")
    if not listed:
        raise UnknownMusic(
            f"The card of {card.version} names no music: its training.recipe.ingredients should "
            "list the data sets that it learnt from."
        )
    return listed
