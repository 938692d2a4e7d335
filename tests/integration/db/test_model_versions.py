"""Registration and promotion of model versions with a real PostgreSQL."""

import pytest

from ostinato.schemas.cards import DataRecord, EvaluationRecord, TrainingRecord
from ostinato.schemas.models import Capabilities, ModelCard
from shared.db.database import Database
from shared.db.model_versions import ModelVersions
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
        license="none",
        data=DataRecord(),
        training=TrainingRecord(),
        evaluation=EvaluationRecord(nats_per_note=nats),
    )


async def test_registered_weights_are_not_promoted(database: Database, version: str) -> None:
    async with database.transaction() as connection:
        models = ModelVersions(connection)
        await models.register(card(version, "a"))
        assert version not in await models.promoted_weights()
        promoted = await models.promote(version)
        assert promoted.promoted_at is not None
        assert (await models.promoted_weights())[version] == "a"


async def test_promotion_selects_the_newest_weights_unless_a_sha256_is_given(
    database: Database, version: str
) -> None:
    for sha256 in ("a", "b"):
        async with database.transaction() as connection:
            await ModelVersions(connection).register(card(version, sha256))
    async with database.transaction() as connection:
        models = ModelVersions(connection)
        assert (await models.promote(version)).sha256 == "b"
        first = await models.promote(version, "a")
        assert first.sha256 == "a"
        assert await models.promote(version, "a") == first
        found = [model for model in await models.list_versions() if model.version == version]
        assert [(model.sha256, model.promoted_at is not None) for model in found] == [
            ("a", True),
            ("b", False),
        ]
        assert (await models.promoted_weights())[version] == "a"


async def test_a_card_can_be_updated_without_a_promotion(database: Database, version: str) -> None:
    async with database.transaction() as connection:
        models = ModelVersions(connection)
        await models.register(card(version, "a"))
        await models.promote(version)
        await models.register(card(version, "a", nats=2.0))
        (found,) = [model for model in await models.list_versions() if model.version == version]
        assert (found.sha256, found.evaluation) == ("a", EvaluationRecord(nats_per_note=2.0))


async def test_a_new_card_does_not_make_weights_newer(database: Database, version: str) -> None:
    for version_card in (card(version, "a"), card(version, "b"), card(version, "a", nats=2.0)):
        async with database.transaction() as connection:
            await ModelVersions(connection).register(version_card)
    async with database.transaction() as connection:
        assert (await ModelVersions(connection).promote(version)).sha256 == "b"


async def test_an_unknown_version_is_reported_with_the_registered_ones(
    database: Database, version: str
) -> None:
    async with database.transaction() as connection:
        models = ModelVersions(connection)
        await models.register(card(version, "a"))
        with pytest.raises(NotFound, match="'polka'") as caught:
            await models.promote("polka")
    assert version in caught.value.extra["models"]  # type: ignore[operator]


async def test_unknown_weights_are_reported_with_the_registered_ones(
    database: Database, version: str
) -> None:
    async with database.transaction() as connection:
        models = ModelVersions(connection)
        await models.register(card(version, "a"))
        with pytest.raises(NotFound, match=f"{version} with weights b") as caught:
            await models.promote(version, "b")
    assert caught.value.extra["weights"] == ["a"]


async def test_the_reason_why_its_music_cannot_be_read_belongs_to_weights(
    database: Database, version: str
) -> None:
    first, second = card(version, "a"), card(version, "b")
    async with database.transaction() as connection:
        models = ModelVersions(connection)
        for registered in (first, second):
            await models.register(registered)
        await models.set_data_error(first, "folk is not installed.")
        await models.register(card(version, "a", nats=2.0))
        found = {
            model.sha256: model.data_error
            for model in await models.list_versions()
            if model.version == version
        }
        assert (found["a"], found["b"]) == ("folk is not installed.", None)
        await models.set_data_error(first, None)
        versions = [model for model in await models.list_versions() if model.version == version]
        assert [model.data_error for model in versions] == [None, None]
