"""The API key of a job: recorded for jobs of every kind; usage and webhooks are limited by it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from ostinato.schemas.account.keys import Scope
from ostinato.schemas.jobs import GenerationJob, JobError
from shared.db.database import Database
from shared.db.job_queue.results import ItemError, ShardResults
from shared.midi.receipt import embed_receipt
from tests.support.evaluations import EvaluationFixture
from tests.support.jobs import JobFixture
from tests.support.midi import zip_of_random_midis
from tests.support.servers.batches import BatchFixture
from tests.support.servers.gateway import gateway
from tests.support.versions import SHA256, add_version

KINDS = (
    *("generation", "batch", "batch of lines", "retry", "reproduction"),
    *("training", "evaluation", "data set", "engraving"),
)
MIDI = b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0MTrk\x00\x00\x00\x04\x00\xff\x2f\x00"
URL = "https://hooks.example.com/ostinato"


@pytest.fixture
async def fixture(backends: Stack, database: Database) -> AsyncIterator[BatchFixture]:
    """Batches of one owner, through a gateway, of a version of their own."""
    version = await add_version(database)
    owner = uuid4().hex
    async with gateway(backends, owner) as http:
        fixture = BatchFixture(database, version, http)
        fixture.owner = owner
        yield fixture


async def identity(http: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await http.get("/v1/me")).json()
    return found


async def submit(fixture: BatchFixture, kind: str) -> UUID:
    """Submit a job of a kind, and return its id."""
    request = {"model": fixture.version, "bars": 1, "seed": 1}
    receipt = {**request, "model_sha256": SHA256, "numerics": "test"}
    training = {"recipe": "mini", "version": f"t-{fixture.version}"[:40]}
    archive = zip_of_random_midis(1).getvalue()
    requests: dict[str, tuple[str, dict[str, Any]]] = {
        "generation": ("/v1/generations", {"json": request}),
        "batch": ("/v1/batches", {"json": {"request": request, "count": 2}}),
        "reproduction": ("/v1/reproduce", {"content": embed_receipt(MIDI, receipt)}),
        "training": ("/v1/trainings", {"json": training}),
        "data set": ("/v1/datasets", {"params": {"name": "x"}, "content": archive}),
        "engraving": ("/v1/engravings", {"json": {"notes": [[0, 480, 60, 80]]}}),
    }
    arguments: dict[str, Any]
    if kind == "batch of lines":
        return await fixture.submit(fixture.lines(2))
    if kind == "retry":
        path, arguments = f"/v1/batches/{await failed_batch(fixture)}/retry", {}
    elif kind == "evaluation":
        job = await ended_generation(fixture)
        path, arguments = "/v1/evaluations", {"json": {"job_id": str(job.id)}}
    else:
        path, arguments = requests[kind]
    submitted = await fixture.http.post(path, **arguments)
    assert submitted.is_success, submitted.text
    return UUID(submitted.json()["id"])


async def failed_batch(fixture: BatchFixture) -> UUID:
    """A batch with an item that has failed."""
    batch_id = await fixture.submit(fixture.lines(1))
    [shard] = await fixture.claim_many(1, models=[fixture.version])
    error = ItemError(index=0, custom_id=None, error=JobError(code="poison", detail="It failed."))
    assert await fixture.commit(ShardResults(shard=shard, errors=[error], has_ended=True))
    return batch_id


async def ended_generation(fixture: BatchFixture) -> GenerationJob:
    """A job with melodies to evaluate."""
    evaluations = EvaluationFixture(fixture.database, fixture.version)
    evaluations.owner = fixture.owner
    job = await evaluations.add_generation(sha256=SHA256)
    return await fixture.cancel(job.id)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_job_records_its_key(fixture: BatchFixture, kind: str) -> None:
    job_id = await submit(fixture, kind)
    async with fixture.database.connection() as connection:
        recorded = await connection.scalar(
            text("SELECT key_id FROM jobs WHERE id = :id"), {"id": job_id}
        )
    assert str(recorded) == (await identity(fixture.http))["key_id"]


async def new_key(http: httpx.AsyncClient) -> tuple[str, dict[str, str]]:
    """The id of another key of the same owner, and the header with it."""
    created = (await http.post("/v1/keys", json={"scopes": ["generate"]})).json()
    return created["id"], {"Authorization": f"Bearer {created['key']}"}


async def rotate(http: httpx.AsyncClient, key_id: str) -> tuple[str, dict[str, str]]:
    """The same of the key that replaces one."""
    created = (await http.post(f"/v1/keys/{key_id}/rotate", json={})).json()
    return created["id"], {"Authorization": f"Bearer {created['key']}"}


async def generate(fixture: BatchFixture, headers: dict[str, str]) -> None:
    """Submit a job of one melody and finish it."""
    request = {"model": fixture.version, "bars": 1, "seed": 1, "priority": "batch"}
    submitted = await fixture.http.post("/v1/generations", json=request, headers=headers)
    assert submitted.status_code == 202, submitted.text
    await fixture.finish_all()


async def melodies(http: httpx.AsyncClient, **params: str) -> int:
    response = await http.get("/v1/usage", params=params)
    assert response.status_code == 200, response.text
    return sum(day["melodies"] for day in response.json()["items"])


async def test_the_usage_of_a_key_continues_when_it_is_rotated(fixture: BatchFixture) -> None:
    http = fixture.http
    first, headers = await new_key(http)
    await generate(fixture, headers)
    second, headers = await rotate(http, first)
    await generate(fixture, headers)
    third, headers = await rotate(http, second)
    await generate(fixture, headers)
    await generate(fixture, {})  # with the key of the fixture
    listed = {key["id"]: key["first_id"] for key in (await http.get("/v1/keys")).json()["items"]}
    mine = (await identity(http))["key_id"]
    assert listed == {first: first, second: first, third: first, mine: mine}
    for key_id in (first, second, third):
        assert await melodies(http, key_id=key_id) == 3
    assert await melodies(http, key_id=mine) == 1
    assert await melodies(http) == 4
    delete = text("DELETE FROM api_keys WHERE id = :id")  # as make_room does after a week
    async with fixture.database.connection() as connection:
        for key_id in (first, second):
            await connection.execute(delete, {"id": UUID(key_id)})
    assert await melodies(http, key_id=first) == await melodies(http, key_id=third) == 3
    await http.delete(f"/v1/keys/{third}")
    async with fixture.database.connection() as connection:
        await connection.execute(delete, {"id": UUID(third)})
    assert await melodies(http, key_id=first) == 3, "usage stays when the key is deleted"


async def test_a_key_that_has_used_nothing_has_no_days(fixture: BatchFixture) -> None:
    key_id, _ = await new_key(fixture.http)
    assert await melodies(fixture.http, key_id=key_id) == 0


async def test_the_key_of_another_owner_is_unknown(backends: Stack, fixture: BatchFixture) -> None:
    await generate(fixture, {})
    mine = (await identity(fixture.http))["key_id"]
    async with gateway(backends, uuid4().hex, Scope) as admin:
        for key_id in (mine, str(uuid4())):
            usage = await admin.get("/v1/usage", params={"key_id": key_id})
            webhook = await admin.post("/v1/webhooks", json={"url": URL, "key_id": key_id})
            for response in (usage, webhook):
                assert (response.status_code, response.json()["code"]) == (404, "key_not_found")


async def test_a_webhook_of_a_key_reports_only_its_jobs(fixture: BatchFixture) -> None:
    http = fixture.http
    first, headers = await new_key(http)
    created = (await http.post("/v1/webhooks", json={"url": URL})).json()
    assert created["key_id"] is None
    second, rotated = await rotate(http, first)
    of_key = await http.post("/v1/webhooks", json={"url": URL, "key_id": second})
    assert (of_key.status_code, of_key.json()["key_id"]) == (201, first)
    listed = (await http.get("/v1/webhooks")).json()["items"]
    assert [webhook["key_id"] for webhook in listed] == [first, None]
    for used in ({}, headers, rotated):
        await generate(fixture, used)
    deliveries = (await http.get("/v1/webhooks/deliveries")).json()["items"]
    received = [delivery["webhook_id"] for delivery in deliveries]
    assert received.count(of_key.json()["id"]) == 2
    assert received.count(created["id"]) == 3


async def test_a_webhook_of_a_job_names_no_key(fixture: BatchFixture) -> None:
    webhook = {"url": URL, "key_id": (await identity(fixture.http))["key_id"]}
    request = {"model": fixture.version, "bars": 1, "webhook": webhook}
    response = await fixture.http.post("/v1/generations", json=request)
    assert (response.status_code, response.json()["field"]) == (422, "webhook.key_id")


async def test_jobs_without_a_key_count_for_their_owner_alone(fixture: BatchFixture) -> None:
    """Processes of the previous release submit such jobs, by the function that they know."""
    await fixture.http.post("/v1/webhooks", json={"url": URL})
    key_id = (await identity(fixture.http))["key_id"]
    await fixture.http.post("/v1/webhooks", json={"url": URL, "key_id": key_id})
    without = JobFixture(fixture.database)
    without.owner = fixture.owner
    await without.create()
    await without.finish(await without.claim())
    assert await melodies(fixture.http) == 1
    assert await melodies(fixture.http, key_id=key_id) == 0
    assert len((await fixture.http.get("/v1/webhooks/deliveries")).json()["items"]) == 1


async def test_commits_of_several_keys_do_not_wait_for_each_other(
    backends: Stack, fixture: BatchFixture
) -> None:
    """Each adds to the days of the same owner and keys, in one order."""
    keys = [(await new_key(fixture.http))[1] for _ in range(3)]
    for _ in range(4):
        for headers in keys:
            request = {"model": fixture.version, "bars": 1, "priority": "batch"}
            await fixture.http.post("/v1/generations", json=request, headers=headers)
    shards = await fixture.claim_many(100, models=[fixture.version])
    assert len(shards) == 12
    await asyncio.gather(*(fixture.finish(shard) for shard in shards))
    assert await melodies(fixture.http) == 12
