"""A version is demoted: it is served to no key until it is promoted again."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import httpx
import pytest

from deploy.local.stack import Stack
from ostinato.schemas.account.keys import Scope
from shared.db.database import Database
from shared.db.promotions import Promotions
from tests.support.servers.batches import BatchFixture
from tests.support.servers.gateway import gateway
from tests.support.trainings import TrainingFixture
from tests.support.versions import SHA256, add_version, promote

USER = (Scope.GENERATE, Scope.TRAIN)


@pytest.fixture
async def admin(backends: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway(backends, uuid4().hex, Scope) as http:
        yield http


@pytest.fixture
async def version(database: Database) -> str:
    """A promoted version of everybody."""
    return await add_version(database)


async def demote(http: httpx.AsyncClient, version: str) -> httpx.Response:
    return await http.post(f"/v1/models/{version}/demote")


async def generate(http: httpx.AsyncClient, version: str | None, **fields: str) -> httpx.Response:
    request = {"bars": 1, **({} if version is None else {"model": version}), **fields}
    return await http.post("/v1/generations", json=request)


async def test_a_demoted_version_is_served_again_after_a_promotion(
    admin: httpx.AsyncClient, database: Database, version: str
) -> None:
    for _ in range(2):  # it is idempotent
        demoted = await demote(admin, version)
        assert demoted.status_code == 200, demoted.text
        assert (demoted.json()["sha256"], demoted.json()["promotion"]) == (SHA256, None)
        rejected = await generate(admin, version)
        assert (rejected.status_code, rejected.json()["field"]) == (409, "model")
        assert f"POST /v1/models/{version}/promote" in rejected.json()["detail"]
    async with database.transaction() as connection:
        assert version in await Promotions(connection).demoted()
    requested = await admin.post(f"/v1/models/{version}/promote")
    assert requested.json()["promotion"] == "pending"
    async with database.transaction() as connection:
        promotions = Promotions(connection)
        assert version not in await promotions.demoted()
        await promote(promotions, version)
    assert (await generate(admin, version)).status_code == 202


async def test_a_request_for_its_promotion_ends(
    admin: httpx.AsyncClient, database: Database
) -> None:
    version = await add_version(database, promoted=False)
    async with database.transaction() as connection:
        await Promotions(connection).request(version)
    async with database.transaction() as connection:
        [pending] = [it for it in await Promotions(connection).wanted() if it.version == version]
    assert (await demote(admin, version)).json()["promotion"] is None
    assert pending.request is not None
    async with database.transaction() as connection:
        promotions = Promotions(connection)
        assert not await promotions.complete(version, pending.request)
        assert version not in {it.version for it in await promotions.wanted()}


async def test_a_version_that_unfinished_jobs_use_stays(
    backends: Stack, admin: httpx.AsyncClient, database: Database, version: str
) -> None:
    fixture = BatchFixture(database, version, admin)
    async with gateway(backends, uuid4().hex, USER) as user:
        job = (await generate(user, version, priority="batch")).json()
        of_others = await demote(admin, version)
        batch_id = await fixture.submit(fixture.lines(3))
        await fixture.change(batch_id, "pause")
        of_owner = await demote(admin, version)
        details = [response.json()["detail"] for response in (of_others, of_owner)]
        assert details == [
            f"Unfinished jobs of other owners use {version} for 1 melodies; wait for them, or let "
            "their owners cancel them.",
            f"Your unfinished jobs use {version} for 3 melodies; wait for the jobs, or cancel "
            "them.",
        ]
        assert (of_others.status_code, of_owner.json()["code"]) == (409, "conflict")
        await fixture.change(batch_id, "cancel")
        await user.post(f"/v1/jobs/{job['id']}/cancel")
    assert (await demote(admin, version)).status_code == 200


async def test_who_may_demote_a_version(
    backends: Stack, admin: httpx.AsyncClient, database: Database, version: str
) -> None:
    training = TrainingFixture(database)
    job = await training.create()
    async with AsyncExitStack() as stack:
        ann, bob = [
            await stack.enter_async_context(gateway(backends, owner, USER))
            for owner in (training.owner, uuid4().hex)
        ]
        own = await add_version(database, training_id=job.id)
        hidden = await demote(bob, own)
        assert (hidden.status_code, hidden.json()["code"]) == (404, "model_not_found")
        published = await demote(ann, version)
        assert (published.status_code, published.json()["required_scopes"]) == (403, ["admin"])
        deletion = await ann.delete(f"/v1/models/{own}")
        assert deletion.status_code == 409
        assert f"POST /v1/models/{own}/demote" in deletion.json()["detail"]
        assert (await demote(ann, own)).status_code == 200
    assert (await demote(admin, own)).status_code == 200
    unknown = await demote(admin, "polka")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "model_not_found")
    assert version in unknown.json()["models"]


async def test_without_the_default_version_requests_name_one(
    backends: Stack, database: Database, version: str
) -> None:
    async with gateway(backends, uuid4().hex, Scope, default_model=version) as http:
        assert (await demote(http, version)).json()["is_default"] is False
        rejected = await generate(http, None)
        assert (rejected.status_code, rejected.json()["code"]) == (409, "conflict")
        assert f"the default version {version} is not promoted" in rejected.json()["detail"]
        ready = await http.get("/readyz")
        assert ready.status_code == 503
        other = await add_version(database)
        assert (await generate(http, other)).status_code == 202
