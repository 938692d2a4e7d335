"""A version's sampling defaults are part of a request from its acceptance on."""

from uuid import uuid4

import pytest

from deploy.local.stack import Stack
from ostinato.schemas.generations import ResolvedSampling
from shared.db.database import Database
from shared.db.model_versions import ModelVersions
from tests.support.servers.batches import BATCHES, BatchFixture
from tests.support.servers.gateway import gateway
from tests.support.versions import SHA256, a_card, add_version

DEFAULTS = ResolvedSampling(temperature=0.75, top_k=40, top_p=0.875, min_p=0.125)


async def set_defaults(database: Database, version: str, sampling: ResolvedSampling) -> None:
    """Register the weights again, as a trainer does after a change of the folder."""
    card = a_card(version, SHA256)
    capabilities = card.capabilities.model_copy(update={"sampling": sampling})
    async with database.transaction() as connection:
        await ModelVersions(connection).register(
            card.model_copy(update={"capabilities": capabilities})
        )


@pytest.fixture
async def version(database: Database) -> str:
    name = await add_version(database)
    await set_defaults(database, name, DEFAULTS)
    return name


async def test_a_request_overrides_each_default(
    backends: Stack, database: Database, version: str
) -> None:
    async with gateway(backends, uuid4().hex) as http:
        sampling = []
        for given in ({}, {"sampling": {"min_p": 0.0}}):
            response = await http.post(
                "/v1/generations", json={"model": version, "bars": 2, **given}
            )
            assert response.status_code == 202, response.text
            sampling.append(response.json()["request"]["sampling"])
        models = (await http.get("/v1/models")).json()["items"]
    assert sampling == [DEFAULTS.model_dump(), DEFAULTS.model_dump() | {"min_p": 0.0}]
    [found] = [model for model in models if model["version"] == version]
    assert found["capabilities"]["sampling"] == DEFAULTS.model_dump()


async def test_a_later_change_does_not_change_a_job_nor_its_repetition(
    backends: Stack, database: Database, version: str
) -> None:
    async with gateway(backends, uuid4().hex) as http:
        headers = {"Idempotency-Key": uuid4().hex}
        first = await http.post(
            "/v1/generations", json={"model": version, "bars": 2}, headers=headers
        )
        await set_defaults(database, version, ResolvedSampling(temperature=0.5))
        again = await http.post(
            "/v1/generations", json={"model": version, "bars": 2}, headers=headers
        )
        job = (await http.get(f"/v1/jobs/{first.json()['id']}")).json()
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["request"]["sampling"] == DEFAULTS.model_dump()
    assert job["request"]["sampling"] == DEFAULTS.model_dump()


async def test_every_line_of_a_batch_has_the_defaults_of_its_version(
    backends: Stack, database: Database, version: str
) -> None:
    other = await add_version(database)
    async with gateway(backends, uuid4().hex) as http:
        fixture = BatchFixture(database, version, http)
        lines = [
            fixture.lines(1),
            fixture.lines(1, custom_id="own", sampling={"top_k": 3}),
            fixture.lines(1, custom_id="other", model=other),
        ]
        await fixture.submit(b"\n".join(lines))
        shards = await fixture.claim_many(100, models=[version, other])
        found = {
            item.custom_id: item.request.resolved_sampling
            for shard in shards
            for item in shard.items
        }
        assert found == {
            "c0": DEFAULTS,
            "own": DEFAULTS.model_copy(update={"top_k": 3}),
            "other": ResolvedSampling(),
        }


async def test_a_batch_of_one_request_has_the_defaults(
    backends: Stack, database: Database, version: str
) -> None:
    async with gateway(backends, uuid4().hex) as http:
        body = {
            "count": 2,
            "request": {"model": version, "bars": 2, "sampling": {"temperature": 1.5}},
        }
        response = await http.post(BATCHES, json=body)
        assert response.status_code == 202, response.text
        fixture = BatchFixture(database, version, http)
        [shard] = await fixture.claim_many(100, models=[version])
    expected = DEFAULTS.model_copy(update={"temperature": 1.5})
    assert [item.request.resolved_sampling for item in shard.items] == [expected] * 2
