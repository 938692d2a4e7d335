"""`/metrics` has the requests of a gateway by the templates of their routes."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.stack import Stack
from shared.db.database import Database
from shared.metric_reporter import MetricReporter
from tests.support.servers.gateway import gateway

OWNER = uuid4().hex
UNAUTHENTICATED = {"Authorization": "Bearer wrong"}


@pytest.fixture
async def http(backends: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway(backends, OWNER) as http:
        yield http


async def requests_by_route(
    http: httpx.AsyncClient, database: Database
) -> dict[tuple[str, str, str], float]:
    """The counters, after a report of this process, which may have reported before."""
    reporter = MetricReporter(database, "gateway")
    await reporter.report()
    text = (await http.get("/metrics")).text
    assert OWNER not in text
    await reporter.deregister()
    counters: dict[tuple[str, str, str], float] = {}
    for family in text_string_to_metric_families(text):
        if family.name == "ostinato_http_requests":
            for _, labels, value, *_ in family.samples:
                key = (labels["method"], labels["route"], labels["status"])
                counters[key] = max(value, counters.get(key, 0))
    return counters


async def test_requests_are_counted_by_route_and_status(
    http: httpx.AsyncClient, database: Database
) -> None:
    before = await requests_by_route(http, database)
    job_id = uuid4()
    await http.get("/v1/jobs")
    for _ in range(3):
        await http.get(f"/v1/jobs/{job_id}")
    await http.get("/v1/jobs", headers=UNAUTHENTICATED)
    await http.request("ODD", f"/somewhere/{uuid4()}")
    await http.post("/v1/generations", content=b"{}" * 1_000_000)
    after = await requests_by_route(http, database)
    new = {key: value - before.get(key, 0) for key, value in after.items()}
    assert {key: value for key, value in new.items() if value and key[1] != "/metrics"} == {
        ("GET", "/v1/jobs", "200"): 1,
        ("GET", "/v1/jobs/{job_id}", "404"): 3,
        ("GET", "none", "401"): 1,
        ("other", "none", "404"): 1,
        ("POST", "none", "413"): 1,
    }
