"""Rates and open streams of an owner are limited, with real servers and sockets."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from deploy.local.stack import Stack
from shared.db.api_keys import ApiKeys
from shared.db.database import Database
from tests.support.servers.gateway import gateway
from tests.support.versions import add_version

JSON = {"Content-Type": "application/json"}


async def test_an_owner_over_the_request_rate_is_429(backends: Stack) -> None:
    limits = {"max_requests_per_second": 0.01, "request_burst": 3}
    async with gateway(backends, uuid4().hex, **limits) as http:
        accepted = [await http.get("/v1/jobs") for _ in range(3)]
        rejected = await http.post("/v1/generations", content=b"[", headers=JSON)
        public = [await http.get("/healthz") for _ in range(5)]
    assert [response.status_code for response in accepted] == [200] * 3
    assert [response.headers["ratelimit"].split(";")[1] for response in accepted] == [
        *("r=2", "r=1", "r=0")
    ]
    problem = rejected.json()
    assert (rejected.status_code, problem["code"]) == (429, "rate_limited")
    assert problem["retry_after"] == int(rejected.headers["retry-after"])
    assert 0 < problem["retry_after"] <= 100
    assert rejected.headers["ratelimit-policy"] == '"requests";q=3;w=300'
    assert rejected.headers["ratelimit"].startswith('"requests";r=0;t=')
    assert {response.status_code for response in public} == {200}


async def test_two_hundred_requests_a_second_are_not_limited(backends: Stack) -> None:
    async with gateway(backends, uuid4().hex) as http:
        statuses = {(await http.get("/v1/trainings/recipes")).status_code for _ in range(1000)}
    assert statuses == {200}


async def test_a_request_needs_no_query_for_a_key_that_was_used_just_now(backends: Stack) -> None:
    async with gateway(backends, uuid4().hex) as http:
        assert (await http.get("/v1/trainings/recipes")).status_code == 200
        app = http._transport.app  # type: ignore[attr-defined]
        await app.state.app_state.database.close()
        app.state.app_state.keys._database = None
        assert (await http.get("/v1/trainings/recipes")).status_code == 200


class Subscriber:
    """Opens event streams of one job."""

    def __init__(self, url: str, key: str, job_id: str) -> None:
        self._headers = {"Authorization": f"Bearer {key}"}
        self._path = f"/v1/jobs/{job_id}/events"
        self._url = url
        self._http = httpx.AsyncClient(base_url=url, headers=self._headers, trust_env=False)

    async def sse(self, streams: AsyncExitStack) -> httpx.Response:
        return await streams.enter_async_context(self._http.stream("GET", self._path))

    async def websocket(self, streams: AsyncExitStack) -> int:
        url = f"{self._url.replace('http', 'ws', 1)}{self._path}"
        opened = connect(url, additional_headers=self._headers, proxy=None)
        try:
            await streams.enter_async_context(opened)
        except InvalidStatus as error:
            return error.response.status_code
        return 101

    async def close(self) -> None:
        await self._http.aclose()


@asynccontextmanager
async def subscriber(
    backends: Stack, database: Database, **settings: str
) -> AsyncIterator[Subscriber]:
    """Of a gateway with these settings, for a job that stays queued."""
    backends.start("gateway", **settings)
    backends.wait_ready(workers=0)
    async with database.transaction() as connection:
        key = (await ApiKeys(connection).create(uuid4().hex)).key
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=backends.url, headers=headers, trust_env=False) as http:
        request = {"model": await add_version(database), "bars": 1}
        job = (await http.post("/v1/generations", json=request)).json()
    subscriber = Subscriber(backends.url, key, job["id"])
    yield subscriber
    await subscriber.close()
    backends.stop("gateway")


async def test_open_streams_of_an_owner_are_limited(backends: Stack, database: Database) -> None:
    async with subscriber(backends, database, OSTINATO_MAX_STREAMS_PER_OWNER="2") as client:
        async with AsyncExitStack() as streams:
            assert (await client.sse(streams)).status_code == 200
            assert await client.websocket(streams) == 101
            rejected = await client.sse(streams)
            problem = await rejected.aread()
            assert (rejected.status_code, b'"too_many_streams"' in problem) == (429, True)
            assert rejected.headers["retry-after"]
            assert await client.websocket(streams) == 429
        async with AsyncExitStack() as streams:
            opened = 0
            while opened < 2:  # the gateway sees the end of the others a moment later
                opened += await client.websocket(streams) == 101


@pytest.mark.parametrize("processes", ["1", "2"])
async def test_open_streams_end_when_the_gateway_stops(
    backends: Stack, database: Database, processes: str
) -> None:
    async with subscriber(backends, database, OSTINATO_GATEWAY_PROCESSES=processes) as client:
        async with AsyncExitStack() as streams:
            for _ in range(3):
                assert (await client.sse(streams)).status_code == 200
                assert await client.websocket(streams) == 101
            process = backends.process("gateway")
            await asyncio.to_thread(backends.stop, "gateway")
        assert process.returncode != -signal.SIGKILL
