"""Weights of a version are registered, and one of them is promoted at a time."""

import pytest

from ostinato.schemas.models import Capabilities, ModelCard
from shared.db.database import Database
from shared.db.models import Models
from shared.errors import NotFound
from shared.ids import new_id


@pytest.fixture
def version() -> str:
    return f"v-{new_id()}"


def card(version: str, sha256: str, nats: float = 3.0) -> ModelCard:
    return ModelCard(
        version=version,
        sha256=sha256,
        description="For a test.",
        capabilities=Capabilities(max_bars=4, primer=True, velocity=False),
        licence="none",
        data={},
        training={},
        evaluation={"nats_per_note": nats},
    )


async def test_what_is_registered_waits_until_it_is_promoted(
    database: Database, version: str
) -> None:
    async with database.transaction() as connection:
        models = Models(connection)
        await models.register(card(version, "a"))
        assert version not in await models.promoted()
        promoted = await models.promote(version)
        assert promoted.promoted_at is not None
        assert (await models.promoted())[version] == "a"


async def test_the_newest_takes_the_place_of_the_old_one_unless_another_is_named(
    database: Database, version: str
) -> None:
    for sha256 in ("a", "b"):
        async with database.transaction() as connection:
            await Models(connection).register(card(version, sha256))
    async with database.transaction() as connection:
        models = Models(connection)
        assert (await models.promote(version)).sha256 == "b"
        first = await models.promote(version, "a")
        assert first.sha256 == "a"
        assert await models.promote(version, "a") == first, "asked twice, done once"
        mine = [model for model in await models.all() if model.version == version]
        assert [(model.sha256, model.promoted_at is not None) for model in mine] == [
            ("a", True),
            ("b", False),
        ]
        assert (await models.promoted())[version] == "a"


async def test_a_card_is_renewed_without_a_promotion(database: Database, version: str) -> None:
    async with database.transaction() as connection:
        models = Models(connection)
        await models.register(card(version, "a"))
        await models.promote(version)
        await models.register(card(version, "a", nats=2.0))
        (mine,) = [model for model in await models.all() if model.version == version]
        assert (mine.sha256, mine.evaluation) == ("a", {"nats_per_note": 2.0})


async def test_a_new_card_does_not_make_weights_newer(database: Database, version: str) -> None:
    for each in (card(version, "a"), card(version, "b"), card(version, "a", nats=2.0)):
        async with database.transaction() as connection:
            await Models(connection).register(each)
    async with database.transaction() as connection:
        assert (await Models(connection).promote(version)).sha256 == "b"


@pytest.mark.parametrize("sha256", [None, "b"])
async def test_what_is_not_there_cannot_be_promoted(
    database: Database, version: str, sha256: str | None
) -> None:
    async with database.transaction() as connection:
        models = Models(connection)
        if sha256 is not None:
            await models.register(card(version, "a"))
        with pytest.raises(NotFound, match=version):
            await models.promote(version, sha256)
