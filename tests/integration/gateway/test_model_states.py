"""Where the API tells that no worker serves a model, and why."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.local.stack import Stack
from services.gateway.requests import recent_read
from shared.db.database import Database
from shared.db.model_versions import ModelVersions
from shared.db.promotions import Promotions
from shared.db.workers import WorkerRow, Workers
from tests.support.servers.gateway import gateway
from tests.support.versions import SHA256, a_card, add_version

REFUSAL = "its logits are not finite"


class Api:
    """A gateway whose default is a version of the test."""

    def __init__(self, http: httpx.AsyncClient, version: str) -> None:
        self._http = http
        self.version = version

    async def readiness(self) -> tuple[int, dict[str, Any]]:
        """The status of `/readyz`, and what it says about the version."""
        response = await self._http.get("/readyz")
        [model] = [it for it in response.json()["models"] if it["version"] == self.version]
        assert model["is_default"]
        return response.status_code, model

    async def weights(self) -> list[dict[str, Any]]:
        models = (await self._http.get("/v1/models")).json()["items"]
        return [model for model in models if model["version"] == self.version]

    async def submit(self) -> httpx.Response:
        return await self._http.post("/v1/generations", json={"bars": 1})

    async def batch_waits_for(self) -> str:
        """What a new batch waits for."""
        request = {"request": {"bars": 1}, "count": 65}
        batch = (await self._http.post("/v1/batches", json=request)).json()
        return (await self._http.get(f"/v1/batches/{batch['id']}")).json()["waiting_for"]  # type: ignore[no-any-return]

    async def waiting_for(self, job_id: str) -> str | None:
        """What the job waits for; in the list of jobs it is the same."""
        job = (await self._http.get(f"/v1/jobs/{job_id}")).json()
        [listed] = (await self._http.get("/v1/jobs")).json()["items"]
        assert listed["waiting_for"] == job["waiting_for"]
        return job["waiting_for"]  # type: ignore[no-any-return]

    async def promote(self, sha256: str) -> dict[str, Any]:
        path = f"/v1/models/{self.version}/promote"
        response = await self._http.post(path, params={"sha256": sha256})
        assert response.status_code == 200
        return response.json()  # type: ignore[no-any-return]


@asynccontextmanager
async def live_worker(
    database: Database, version: str, sha256: str | None, error: str | None = None
) -> AsyncIterator[None]:
    """A worker that has these weights, or that could not load some."""
    row = WorkerRow(
        id=uuid4(),
        name="1@test",
        engine_stats={},
        loaded_models={} if sha256 is None else {version: sha256},
        load_errors={} if error is None else {version: error},
    )
    async with database.transaction() as connection:
        await Workers(connection).upsert_heartbeat(row)
    yield
    async with database.transaction() as connection:
        await Workers(connection).deregister(row.id)


@pytest.fixture
async def api(
    backends: Stack, database: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Api]:
    monkeypatch.setattr(recent_read, "MAX_AGE_SECONDS", 0)
    version = await add_version(database)
    async with gateway(backends, uuid4().hex, default_model=version) as http:
        yield Api(http, version)


async def test_a_model_is_ready_once_a_worker_has_loaded_it(api: Api, database: Database) -> None:
    job = (await api.submit()).json()["id"]
    status, model = await api.readiness()
    assert (status, model["state"], model["workers"]) == (503, "waiting", 0)
    assert "No worker is running" in model["reason"]
    assert await api.waiting_for(job) == model["reason"]
    async with live_worker(database, api.version, None):
        status, model = await api.readiness()
        assert (status, model["state"]) == (503, "waiting")
        assert model["reason"] == f"Workers have yet to load {api.version}."
        [weights] = await api.weights()
        assert (weights["workers"], weights["promotion_detail"]) == (0, model["reason"])
    async with live_worker(database, api.version, SHA256):
        status, model = await api.readiness()
        assert (status, model["state"], model["workers"]) == (200, "ready", 1)
        assert model["reason"] is None
        assert await api.waiting_for(job) is None
        assert "free capacity" in await api.batch_waits_for()
        [weights] = await api.weights()
        assert (weights["workers"], weights["promotion_detail"]) == (1, None)


async def test_a_model_that_no_worker_can_load_is_refused_with_the_error(
    api: Api, database: Database
) -> None:
    job = (await api.submit()).json()["id"]
    async with live_worker(database, api.version, None, REFUSAL):
        status, model = await api.readiness()
        assert (status, model["state"]) == (503, "refused")
        assert REFUSAL in model["reason"]
        assert await api.waiting_for(job) == await api.batch_waits_for() == model["reason"]
        [weights] = await api.weights()
        assert REFUSAL in weights["promotion_detail"]


async def test_a_refused_promotion_leaves_the_model_ready_and_tells_the_reason(
    api: Api, database: Database
) -> None:
    async with database.transaction() as connection:
        await ModelVersions(connection).register(a_card(api.version, "b"))
    async with live_worker(database, api.version, SHA256):
        requested = await api.promote("b")
        assert (requested["promotion"], requested["promoted_at"]) == ("pending", None)
        assert requested["promotion_detail"] == (
            f"A worker tests these weights; until then, {SHA256} stays promoted."
        )
        async with database.transaction() as connection:
            promotions = Promotions(connection)
            [wanted] = [it for it in await promotions.wanted() if it.version == api.version]
            assert wanted.request is not None
            await promotions.refuse(api.version, wanted.request, REFUSAL)
        first, second = await api.weights()
        assert (first["sha256"], first["promotion"]) == (SHA256, "promoted")
        assert (second["promotion"], second["promotion_detail"]) == ("refused", REFUSAL)
        status, model = await api.readiness()
        assert (status, model["state"]) == (200, "ready")
        assert model["reason"] == f"Other weights were refused: {REFUSAL}"


async def test_earlier_weights_that_are_served_instead_are_named(
    api: Api, database: Database
) -> None:
    async with live_worker(database, api.version, "earlier", REFUSAL):
        status, model = await api.readiness()
        assert (status, model["state"]) == (200, "ready")
        assert model["reason"] == f"Workers serve earlier weights (earlier): {REFUSAL}"
        [weights] = await api.weights()
        assert (weights["workers"], weights["promotion_detail"]) == (0, model["reason"])


async def test_jobs_for_the_first_weights_of_a_version_are_accepted_unless_they_are_refused(
    backends: Stack, database: Database
) -> None:
    version = await add_version(database, promoted=False)
    async with gateway(backends, uuid4().hex, default_model=version) as http:
        api = Api(http, version)
        assert (await api.submit()).status_code == 409
        assert (await api.promote(SHA256))["promotion_detail"].startswith("No worker is running")
        assert (await api.submit()).status_code == 202
        async with database.transaction() as connection:
            promotions = Promotions(connection)
            [wanted] = [it for it in await promotions.wanted() if it.version == version]
            assert wanted.request is not None
            await promotions.refuse(version, wanted.request, REFUSAL)
        assert REFUSAL in (await api.readiness())[1]["reason"]
