"""Registration of model versions with a real PostgreSQL."""

import pytest
from sqlalchemy import text

from ostinato.schemas.cards import EvaluationRecord
from ostinato.schemas.generations import ResolvedSampling
from shared.db.database import Database
from shared.db.model_versions import ModelVersions
from shared.db.promotions import Promotions
from shared.ids import new_id
from tests.support.versions import a_card, promote


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


async def test_sampling_defaults_are_beside_the_card_which_processes_of_the_previous_release_read(
    database: Database, version: str
) -> None:
    async with database.transaction() as connection:
        models = ModelVersions(connection)
        for temperature in (0.5, 0.75):
            card = a_card(version, "a")
            sampling = ResolvedSampling(temperature=temperature)
            capabilities = card.capabilities.model_copy(update={"sampling": sampling})
            await models.register(card.model_copy(update={"capabilities": capabilities}))
            [found] = [model for model in await models.list_versions() if model.version == version]
            assert found.capabilities.sampling == sampling
        await promote(Promotions(connection), version)
        capable = (await models.capabilities())[None][version]
        assert capable is not None
        assert capable.sampling == sampling
        query = "SELECT card -> 'capabilities' FROM models WHERE version = :version"
        stored = await connection.scalar(text(query), {"version": version})
        assert "sampling" not in stored


async def test_weights_of_an_earlier_release_have_the_defaults_of_all_versions(
    database: Database, version: str
) -> None:
    async with database.transaction() as connection:
        models = ModelVersions(connection)
        await models.register(a_card(version, "a"))
        query = "UPDATE models SET sampling = NULL WHERE version = :version"
        await connection.execute(text(query), {"version": version})
        [found] = [model for model in await models.list_versions() if model.version == version]
        assert found.capabilities.sampling == ResolvedSampling()
