"""The version of requests that name none: a setting of the gateway, not the last promotion."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.local.stack import Stack
from shared.db.database import Database
from tests.support.servers.gateway import gateway as gateway_of
from tests.support.versions import add_version

GENERATIONS, MODELS = "/v1/generations", "/v1/models"


@pytest.fixture
async def version(database: Database) -> str:
    """A promoted version."""
    return await add_version(database)


@asynccontextmanager
async def gateway(backends: Stack, default_model: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway with this default, with the API key of a new owner."""
    async with gateway_of(backends, uuid4().hex, default_model=default_model) as client:
        yield client


async def defaults(http: httpx.AsyncClient) -> list[str]:
    items: list[dict[str, Any]] = (await http.get(MODELS)).json()["items"]
    return [item["version"] for item in items if item["is_default"]]


async def test_a_request_without_a_model_gets_the_default_and_the_job_names_it(
    backends: Stack, database: Database, version: str
) -> None:
    async with gateway(backends, version) as http:
        assert await defaults(http) == [version]
        promoted = await add_version(database)
        response = await http.post(f"{MODELS}/{promoted}/promote")
        assert (response.status_code, response.json()["is_default"]) == (200, False)
        response = await http.post(GENERATIONS, json={"bars": 2})
        assert response.status_code == 202, response.text
        assert response.json()["request"]["model"] == version
        job = (await http.get(f"/v1/jobs/{response.json()['id']}")).json()
        assert job["request"]["model"] == version
        assert await defaults(http) == [version]


async def test_the_same_key_returns_the_same_job_after_a_change_of_the_default(
    backends: Stack, database: Database, version: str
) -> None:
    other = await add_version(database)
    headers = {"Idempotency-Key": uuid4().hex}
    async with gateway(backends, version) as http:
        first = await http.post(GENERATIONS, json={"bars": 2}, headers=headers)
        authorization = http.headers["Authorization"]
    async with gateway(backends, other) as http:
        http.headers["Authorization"] = authorization
        second = await http.post(GENERATIONS, json={"bars": 2}, headers=headers)
        assert second.json()["id"] == first.json()["id"]
        third = await http.post(GENERATIONS, json={"bars": 2})
        assert third.json()["request"]["model"] == other


@pytest.mark.parametrize("is_registered", [True, False])
async def test_a_default_that_is_not_promoted_is_a_conflict_that_lists_the_versions(
    backends: Stack,
    database: Database,
    version: str,
    is_registered: bool,  # noqa: FBT001 - a parameter
) -> None:
    default = await add_version(database, promoted=False) if is_registered else "polka"
    async with gateway(backends, default) as http:
        assert await defaults(http) == []
        response = await http.post(GENERATIONS, json={})
    problem = response.json()
    assert (response.status_code, problem["code"], problem["field"]) == (409, "conflict", "model")
    assert f"the default version {default} is not promoted" in problem["detail"]
    assert "OSTINATO_DEFAULT_MODEL" in problem["detail"]
    assert version in problem["models"]
