"""A version that a client trained is its own until an admin publishes it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.local.stack import Stack
from ostinato.schemas.account.keys import Scope
from services.gateway.routes import models
from shared.db.database import Database
from shared.db.generation_jobs import GenerationJobs
from shared.db.trainer.evaluations import Evaluations
from tests.support.evaluations import EvaluationFixture
from tests.support.servers.gateway import gateway
from tests.support.trainings import TrainingFixture
from tests.support.versions import SHA256, add_version

USER = (Scope.GENERATE, Scope.TRAIN)


class Clients:
    """Two users, of whom Ann has trained a version, and an admin."""

    def __init__(self, *clients: httpx.AsyncClient) -> None:
        self.ann, self.bob, self.admin = clients
        self.version = ""
        self.training: TrainingFixture


@pytest.fixture
async def clients(backends: Stack, database: Database) -> AsyncIterator[Clients]:
    training = TrainingFixture(database)
    async with AsyncExitStack() as stack:
        clients = Clients(
            await stack.enter_async_context(gateway(backends, training.owner, USER)),
            await stack.enter_async_context(gateway(backends, uuid4().hex, USER)),
            await stack.enter_async_context(gateway(backends, uuid4().hex, Scope)),
        )
        job = await training.create()
        clients.training = training
        clients.version = await add_version(database, training_id=job.id, promoted=False)
        yield clients


async def listed(http: httpx.AsyncClient) -> dict[str, str | None]:
    items = (await http.get("/v1/models")).json()["items"]
    return {item["version"]: item["owner"] for item in items}


async def generate(http: httpx.AsyncClient, version: str) -> httpx.Response:
    return await http.post("/v1/generations", json={"model": version, "bars": 1})


async def test_only_the_owner_and_admins_see_and_use_it(clients: Clients) -> None:
    version = clients.version
    assert {version} <= (await listed(clients.ann)).keys() & (await listed(clients.admin)).keys()
    assert version not in await listed(clients.bob)
    assert (await clients.ann.post(f"/v1/models/{version}/promote")).status_code == 200
    assert (await generate(clients.ann, version)).status_code == 202
    assert (await generate(clients.admin, version)).status_code == 202
    rejected = await generate(clients.bob, version)
    assert (rejected.status_code, rejected.json()["code"]) == (404, "model_not_found")
    assert version not in rejected.json()["models"]


async def test_its_name_is_in_no_answer_to_others(clients: Clients) -> None:
    """But for what they send themselves."""
    await clients.ann.post(f"/v1/models/{clients.version}/promote")
    training = {"recipe": "mini", "version": f"v-{uuid4()}", "base": "polka"}
    answers = [
        await clients.bob.post("/v1/trainings", json=training),
        await clients.bob.post("/v1/models/polka/promote"),
        await generate(clients.bob, "polka"),
        await clients.bob.post(
            "/v1/batches",
            content='{"model": "polka", "bars": 1}',
            headers={"Content-Type": "application/x-ndjson"},
        ),
        await clients.bob.delete("/v1/models/polka"),
        await clients.bob.get("/v1/models"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 422, 404, 200]
    answers.append(await clients.bob.get("/readyz"))
    assert [clients.version in answer.text for answer in answers] == [False] * 7


async def test_its_name_stays_reserved_and_a_base_has_to_be_visible(clients: Clients) -> None:
    taken = {"recipe": "mini", "version": clients.version}
    response = await clients.bob.post("/v1/trainings", json=taken)
    assert (response.status_code, response.json()["code"]) == (409, "conflict")
    based = {"recipe": "mini", "version": f"v-{uuid4()}", "base": clients.version}
    assert (await clients.bob.post("/v1/trainings", json=based)).status_code == 404
    assert (await clients.ann.post("/v1/trainings", json=based)).status_code == 202


async def test_only_admins_promote_what_everybody_uses(
    clients: Clients, database: Database
) -> None:
    published = await add_version(database)
    rejected = await clients.ann.post(f"/v1/models/{published}/promote")
    assert (rejected.status_code, rejected.json()["required_scopes"]) == (403, ["admin"])
    unknown = await clients.bob.post(f"/v1/models/{clients.version}/promote")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "model_not_found")
    assert (await clients.admin.post(f"/v1/models/{published}/promote")).status_code == 200


async def test_an_owner_fills_the_memory_of_workers_with_few_versions(
    clients: Clients, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "MAX_LOADED_PER_OWNER", 1)
    training = await clients.training.create()
    other = await add_version(database, training_id=training.id, promoted=False)
    promote = f"/v1/models/{clients.version}/promote"
    assert [(await clients.ann.post(promote)).status_code for _ in range(2)] == [200, 200]
    rejected = await clients.ann.post(f"/v1/models/{other}/promote")
    assert (rejected.status_code, rejected.json()["code"]) == (409, "conflict")
    assert clients.version in rejected.json()["detail"]
    assert (await clients.admin.post(f"/v1/models/{other}/promote")).status_code == 200
    await clients.admin.post(f"/v1/models/{clients.version}/publish")
    assert (await clients.ann.post(f"/v1/models/{other}/promote")).status_code == 200


async def test_who_may_delete_a_version(clients: Clients) -> None:
    path = f"/v1/models/{clients.version}"
    hidden = await clients.bob.delete(path)
    assert (hidden.status_code, hidden.json()["code"]) == (404, "model_not_found")
    await clients.admin.post(f"{path}/publish")
    published = [await client.delete(path) for client in (clients.ann, clients.bob)]
    assert [answer.json()["code"] for answer in published] == ["insufficient_scope"] * 2
    assert (await clients.admin.delete(path)).json()["code"] == "forbidden"


async def test_a_published_version_is_everybodys(clients: Clients) -> None:
    version = clients.version
    await clients.ann.post(f"/v1/models/{version}/promote")
    assert (await clients.ann.post(f"/v1/models/{version}/publish")).status_code == 403
    for _ in range(2):
        published = await clients.admin.post(f"/v1/models/{version}/publish")
        assert (published.status_code, published.json()["owner"]) == (200, None)
        assert published.json()["promotion"] == "pending"
    assert (await listed(clients.bob))[version] is None
    assert (await generate(clients.bob, version)).status_code == 202
    assert (await clients.ann.post(f"/v1/models/{version}/promote")).status_code == 403
    unknown = await clients.admin.post("/v1/models/polka/publish")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "model_not_found")


async def test_registration_keeps_the_owner_of_a_version(
    clients: Clients, database: Database
) -> None:
    """The trainer registers all folders again whenever one has changed."""
    await clients.admin.post(f"/v1/models/{clients.version}/publish")
    await add_version(database, training_id=UUID(int=0), name=clients.version, promoted=False)
    assert (await listed(clients.bob))[clients.version] is None


@pytest.mark.parametrize("scopes", [USER, (Scope.TRAIN, Scope.ADMIN)])
async def test_only_an_admins_evaluation_judges_for_everybody(
    backends: Stack, database: Database, scopes: tuple[Scope, ...]
) -> None:
    fixture = EvaluationFixture(database, await add_version(database))
    job = await fixture.add_generation(sha256=SHA256)
    async with database.transaction() as connection:
        await GenerationJobs(connection).cancel(job.id, fixture.owner)
    async with gateway(backends, fixture.owner, scopes) as http:
        accepted = await http.post("/v1/evaluations", json={"job_id": str(job.id)})
    assert accepted.status_code == 202, accepted.text
    async with database.transaction() as connection:
        may = await Evaluations(connection).may_update_card(UUID(accepted.json()["id"]))
    assert may is (Scope.ADMIN in scopes)
