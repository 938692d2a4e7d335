"""The music of a recipe, wherever it lies: sets that have a name, or one that was handed in.

Refuses to read it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from ostinato.schemas.models import ModelCard
from ostinato.schemas.trainings import NAMED_DATASETS
from services.trainer.data.dataset import Source
from services.trainer.data.uploads import unpacked
from services.trainer.ipc.messages import Places
from shared.errors import UserError
from shared.storage.blobs import Blobs


class UnknownMusic(UserError):
    """A card does not say from which music its version learnt, and how; let it name the recipe."""

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
    return names, _handed_in(card.training.get("request", {}))


def learnt_before(card: ModelCard) -> list[tuple[str, UUID | None]]:
    """The sets that the weights that a version began with had learnt from, beside its own.

    Of each its name, and its id if it was handed in: its name may be another's, too.
    """
    names, own_id = learnt_from(card)
    own = {own_id or name for name in names}
    found: dict[str | UUID, tuple[str, UUID | None]] = {}
    base = card.training.get("base")
    while base is not None:
        handed_in = _handed_in(base)
        found |= {handed_in or name: (name, handed_in) for name in base.get("music", [])}
        base = base.get("base")
    return [learnt for key, learnt in found.items() if key not in own]


def _handed_in(asked: Mapping[str, Any]) -> UUID | None:
    """The id of the set that was asked for, unless it is one that has a name, or the recipe's."""
    dataset = asked.get("dataset")
    return None if dataset is None or dataset in NAMED_DATASETS else UUID(dataset)


def weights_of(card: ModelCard) -> list[float]:
    """How often each of these sets' music was drawn beside that of the others.

    Raises:
        UnknownMusic: its card does not say.
    """
    return [part.get("weight", 1.0) for part in _ingredients(card)]


def context_of(card: ModelCard) -> int:
    """Tokens of the rows in which a version read its music.

    Raises:
        UnknownMusic: its card does not say.
    """
    recipe = card.training.get("recipe", {})
    # where recipes have no examples, as mini's, their network says it
    context: int | None = recipe.get("examples", recipe.get("network", {})).get("context")
    if context is None:
        raise UnknownMusic(
            f"The card of {card.version} names no context: its training.recipe.examples.context "
            "should be the tokens of the rows that it learnt from."
        )
    return context


def _ingredients(card: ModelCard) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = card.training.get("recipe", {}).get("ingredients")
    if not listed:
        raise UnknownMusic(
            f"The card of {card.version} names no music: its training.recipe.ingredients should "
            "list the data sets that it learnt from."
        )
    return listed
