"""The API of webhooks, and webhooks in requests of jobs, with a real PostgreSQL."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from shared.db.database import Database
from shared.db.webhooks.endpoints import MAX_WEBHOOKS
from tests.integration.webhooks.conftest import WebhookFixture
from tests.support.evaluations import EvaluationFixture
from tests.support.midi import zip_of_random_midis
from tests.support.servers.gateway import gateway
from tests.support.servers.webhook_receiver import WebhookReceiver
from tests.support.versions import SHA256, add_version

PUBLIC_URL = "https://hooks.example.com/ostinato"
LOCAL = {"webhooks_allow_local": True}


@pytest.fixture
async def http(
    backends: Stack, fixture: WebhookFixture, request: pytest.FixtureRequest
) -> AsyncIterator[httpx.AsyncClient]:
    """The API for the fixture's owner, with the settings that a test is parametrized with."""
    async with gateway(backends, fixture.owner, **getattr(request, "param", {})) as http:
        yield http


async def test_a_webhook_is_created_listed_and_deleted(
    http: httpx.AsyncClient, fixture: WebhookFixture
) -> None:
    body = {"url": PUBLIC_URL, "events": ["job.failed"]}
    response = await http.post("/v1/webhooks", json=body)
    assert response.status_code == 201
    created = response.json()
    assert created.pop("secret").startswith("whsec_")
    assert created["events"] == ["job.failed"]
    assert (await http.get("/v1/webhooks")).json()["items"] == [created]
    path = f"/v1/webhooks/{created['id']}"
    assert (await http.get(path)).json() == created
    other = WebhookFixture(fixture.database)
    hidden = await other.create_webhook(PUBLIC_URL)
    for method, action in (("GET", ""), ("DELETE", ""), ("POST", "/test"), ("POST", "/enable")):
        response = await http.request(method, f"/v1/webhooks/{hidden.id}{action}")
        assert (response.status_code, response.json()["code"]) == (404, "webhook_not_found")
    await other.add_test(hidden)
    [delivery] = await other.deliveries()
    response = await http.post(f"/v1/webhooks/deliveries/{delivery.id}/redeliver")
    assert response.json()["code"] == "delivery_not_found"
    assert (await http.get("/v1/webhooks/deliveries")).json()["items"] == []
    assert (await http.delete(path)).status_code == 204
    assert (await http.get("/v1/webhooks")).json()["items"] == []


async def test_an_owner_has_a_bounded_number_of_webhooks(
    http: httpx.AsyncClient, fixture: WebhookFixture
) -> None:
    for _ in range(MAX_WEBHOOKS):
        await fixture.create_webhook(PUBLIC_URL)
    response = await http.post("/v1/webhooks", json={"url": PUBLIC_URL})
    assert (response.status_code, response.json()["code"]) == (409, "conflict")


async def test_a_url_that_is_not_public_is_rejected(
    http: httpx.AsyncClient, database: Database
) -> None:
    version = await add_version(database)
    for url in (
        *("http://hooks.example.com", "https://127.0.0.1", "https://localhost", "ftp://a.example"),
        *("https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://user:word@hooks.example.com"),
        *("https://hooks.example.com/#a", "https://hooks.example.com:99999", "https://", "/path"),
        *("https://hooks.example.com/a b", "https://hööks.example.com", "https://2130706433"),
    ):
        response = await http.post("/v1/webhooks", json={"url": url})
        assert (response.status_code, response.json()["field"]) == (422, "url"), url
        body = {"model": version, "bars": 1, "webhook": {"url": url}}
        response = await http.post("/v1/generations", json=body)
        assert (response.status_code, response.json()["field"]) == (422, "webhook.url"), url


async def test_deliveries_are_listed_by_page(
    http: httpx.AsyncClient, fixture: WebhookFixture
) -> None:
    webhook = await fixture.create_webhook(PUBLIC_URL)
    for _ in range(3):
        response = await http.post(f"/v1/webhooks/{webhook.id}/test")
        assert (response.status_code, response.json()["state"]) == (202, "pending")
    expected = [str(delivery.id) for delivery in reversed(await fixture.deliveries())]
    for params in ({}, {"state": "pending"}):
        found, query = [], {"limit": "2", **params}
        while True:
            page = (await http.get("/v1/webhooks/deliveries", params=query)).json()
            found += [item["id"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            query = {**query, "cursor": page["next_cursor"]}
        assert found == expected


async def submit(http: httpx.AsyncClient, kind: str, version: str, webhook: object) -> Any:  # noqa: ANN401 - JSON
    """A job of a kind, whose webhook is in its request."""
    request = {"model": version, "bars": 1, "seed": 1}
    headers = {"Idempotency-Key": uuid4().hex}
    match kind:
        case "generations":
            arguments: Mapping[str, Any] = {"json": {**request, "webhook": webhook}}
        case "trainings":
            body = {"recipe": "mini", "version": f"t-{version}"[:40], "webhook": webhook}
            arguments = {"json": body}
        case "batches":
            arguments = {"json": {"request": request, "count": 2, "webhook": webhook}}
        case _:
            arguments = {
                "content": json.dumps(request),
                "params": {"webhook": json.dumps(webhook)},
            }
            headers["Content-Type"] = "application/x-ndjson"
    path = f"/v1/{kind.removesuffix(' of lines')}"
    first = await http.post(path, headers=headers, **arguments)
    again = await http.post(path, headers=headers, **arguments)
    assert (first.status_code, again.status_code) in ((202, 202), (409, 409)), first.text
    assert first.json().get("id") == again.json().get("id")
    return first.json()


@pytest.mark.parametrize("http", [LOCAL], indirect=True)
@pytest.mark.parametrize("kind", ["generations", "batches", "batches of lines", "trainings"])
async def test_a_job_has_a_webhook_of_its_own(
    http: httpx.AsyncClient,
    fixture: WebhookFixture,
    receiver: WebhookReceiver,
    database: Database,
    kind: str,
) -> None:
    version = await add_version(database)
    webhook = {"url": receiver.url, "events": ["job.cancelled"]}
    assert (await submit(http, kind, version, webhook))["code"] == "conflict"
    secret = (await http.post("/v1/webhooks/job-secret")).json()["secret"]
    job = await submit(http, kind, version, webhook)
    async with database.connection() as connection:
        stored = await connection.scalar(
            text("SELECT request FROM jobs WHERE id = :id"), {"id": UUID(job["id"])}
        )
    assert "webhook" not in stored, "processes of an earlier release read it, and receipts show it"
    path = f"/v1/{kind.removesuffix(' of lines').replace('generations', 'jobs')}/{job['id']}"
    cancelled = (await http.post(f"{path}/cancel")).json()
    assert cancelled["state"] == "cancelled"
    await fixture.deliver()
    event = receiver.next().verify(secret)
    assert event["type"] == "job.cancelled"
    assert event["data"].pop("kind") in kind
    assert event["data"] == (await http.get(path)).json()
    assert receiver.received.empty()
    async with database.connection() as connection:
        left = await connection.scalar(
            text("SELECT count(*) FROM job_webhooks WHERE job_id = :id"), {"id": UUID(job["id"])}
        )
    assert left == 0


@pytest.mark.parametrize("kind", ["engraving", "dataset_import", "evaluation"])
async def test_the_owners_webhook_gets_the_events_of_every_kind_of_job(
    http: httpx.AsyncClient,
    fixture: WebhookFixture,
    receiver: WebhookReceiver,
    database: Database,
    kind: str,
) -> None:
    webhook = await fixture.create_webhook(receiver.url)
    arguments: dict[str, Any]
    match kind:
        case "engraving":
            path, arguments = "/v1/engravings", {"json": {"notes": [[0, 480, 60, 80]]}}
        case "dataset_import":
            archive = zip_of_random_midis(1).getvalue()
            path, arguments = "/v1/datasets", {"params": {"name": "x"}, "content": archive}
        case _:
            evaluations = EvaluationFixture(database, await add_version(database))
            evaluations.owner = fixture.owner
            job = await evaluations.add_generation(sha256=SHA256)
            path, arguments = "/v1/evaluations", {"json": {"job_id": str(job.id)}}
            await fixture.cancel(job.id)
            await fixture.deliver()
            receiver.next()
    submitted = await http.post(path, **arguments)
    assert submitted.is_success, submitted.text
    path = f"{path}/{submitted.json()['id']}"
    assert (await http.post(f"{path}/cancel")).status_code == 200
    await fixture.deliver()
    event = receiver.next().verify(webhook.secret)
    assert event["type"] == "job.cancelled"
    assert event["data"] == {"kind": kind, **(await http.get(path)).json()}


async def test_a_webhook_is_a_parameter_of_the_whole_batch(
    http: httpx.AsyncClient, database: Database
) -> None:
    request = {"model": await add_version(database), "webhook": {"url": PUBLIC_URL}}
    response = await http.post("/v1/batches", json={"request": request, "count": 2})
    assert response.status_code == 422
    headers = {"Content-Type": "application/x-ndjson"}
    response = await http.post("/v1/batches", content=json.dumps(request), headers=headers)
    assert (response.status_code, response.json()["field"]) == (422, "webhook")
