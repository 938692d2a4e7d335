"""Registration of model versions with a real PostgreSQL."""

import pytest

from ostinato.schemas.cards import EvaluationRecord
from shared.db.database import Database
from shared.db.model_versions import ModelVersions
from shared.ids import new_id
from tests.support.versions import a_card


@pytest.fixture
def version() -> str:
    return f"v-{new_id()}"


async def test_a_card_can_be_updated(database: Database, version: str) -> None:
    async with database.transaction() as connection:
        models = ModelVersions(connection)
        await models.register(a_card(version, "a"))
        await models.register(a_card(version, "a", nats=2.0))
        (found,) = [model for model in await models.list_versions() if model.version == version]
        assert (found.sha256, found.evaluation) == ("a", EvaluationRecord(nats_per_note=2.0))


async def test_the_reason_why_its_music_cannot_be_read_belongs_to_weights(
    database: Database, version: str
) -> None:
    first, second = a_card(version, "a"), a_card(version, "b")
    async with database.transaction() as connection:
        models = ModelVersions(connection)
        for registered in (first, second):
            await models.register(registered)
        await models.set_data_error(first, "folk is not installed.")
        await models.register(a_card(version, "a", nats=2.0))
        found = {
            model.sha256: model.data_error
            for model in await models.list_versions()
            if model.version == version
        }
        assert (found["a"], found["b"]) == ("folk is not installed.", None)
        await models.set_data_error(first, None)
        versions = [model for model in await models.list_versions() if model.version == version]
        assert [model.data_error for model in versions] == [None, None]
