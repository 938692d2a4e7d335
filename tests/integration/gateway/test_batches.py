"""Batches over HTTP, with a gateway in this process on the real servers."""

import io
import json
import zipfile
from uuid import UUID, uuid4

import pytest

from deploy.local.stack import Stack
from ostinato.schemas.jobs import JobError
from shared.db.database import Database
from shared.db.generation_shards import GenerationShards
from shared.db.job_queue.results import ItemError, ShardResults
from tests.support.jobs import melody
from tests.support.servers.batches import BATCHES, BatchFixture
from tests.support.servers.gateway import gateway
from tests.support.versions import add_version


async def test_lines_become_items_with_their_parameters_and_names(fixture: BatchFixture) -> None:
    body = (
        b"\xef\xbb\xbf"
        + fixture.lines(2)
        + b"\r\n\r\n"
        + fixture.lines(1, custom_id="last", seed=7)
    )
    batch_id = await fixture.submit(body, metadata='{"project": "tunes"}', deadline_seconds=60)
    batch = await fixture.batch(batch_id)
    assert batch["metadata"] == {"project": "tunes"}
    assert batch["counts"] == {
        "total": 3,
        "queued": 3,
        "running": 0,
        "succeeded": 0,
        "failed": 0,
        "cancelled": 0,
        "expired": 0,
    }
    assert batch["expires_at"] is not None
    [shard] = await fixture.claim_many(100, models=[fixture.version])
    assert [item.custom_id for item in shard.items] == ["c0", "c1", "last"]
    assert [item.index for item in shard.items] == [0, 1, 2]
    assert shard.items[2].seed == 7
    assert shard.items[0].seed != shard.items[1].seed
    assert (await fixture.batch(batch_id))["counts"]["running"] == 3  # type: ignore[index]  # JSON


async def test_a_line_with_a_count_is_several_items(fixture: BatchFixture) -> None:
    await fixture.submit(fixture.lines(1, count=3, seed=5))
    [shard] = await fixture.claim_many(100, models=[fixture.version])
    assert [(item.seed, item.custom_id) for item in shard.items] == [
        (5, "c0"),
        (6, "c0"),
        (7, "c0"),
    ]


async def test_shards_have_at_most_64_items_of_one_model(
    fixture: BatchFixture, database: Database
) -> None:
    other = await add_version(database)
    lines = [fixture.lines(70), fixture.lines(1, model=other, custom_id="other")]
    await fixture.submit(b"\n".join(lines))
    shards = await fixture.claim_many(10_000, models=[fixture.version, other])
    assert sorted((shard.model == other, shard.num_items) for shard in shards) == [
        *((False, 6), (False, 64), (True, 1))
    ]


async def test_one_request_with_a_count(fixture: BatchFixture) -> None:
    body = {"request": {"model": fixture.version, "bars": 1, "seed": 9}, "count": 65}
    headers = {"Idempotency-Key": uuid4().hex}
    first = await fixture.http.post(BATCHES, json=body, headers=headers)
    again = await fixture.http.post(BATCHES, json=body, headers=headers)
    assert (first.status_code, again.json()["id"]) == (202, first.json()["id"])
    shards = await fixture.claim_many(10_000, models=[fixture.version])
    assert [item.seed for shard in shards for item in shard.items] == list(range(9, 74))


async def test_without_a_seed_the_same_key_returns_the_same_batch(fixture: BatchFixture) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    body = {"request": {"model": fixture.version, "bars": 1}, "count": 2}
    ids = {
        (await fixture.http.post(BATCHES, json=body, headers=headers)).json()["id"]
        for _ in range(2)
    }
    assert len(ids) == 1
    other = await fixture.http.post(BATCHES, json={**body, "count": 3}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


async def test_a_paused_batch_waits_and_a_cancelled_one_keeps_its_melodies(
    fixture: BatchFixture,
) -> None:
    batch_id = await fixture.submit(fixture.lines(130))
    [shard] = await fixture.claim_many(1, models=[fixture.version])
    paused = (await fixture.change(batch_id, "pause")).json()
    assert (paused["state"], paused["waiting_for"]) == ("paused", "It is paused.")
    assert await fixture.claim_many(1, models=[fixture.version]) == []
    assert await fixture.finish(shard)
    assert (await fixture.change(batch_id, "resume")).json()["state"] == "queued"
    assert await fixture.claim_many(1, models=[fixture.version]) != []
    cancelled = (await fixture.change(batch_id, "cancel")).json()
    assert (cancelled["state"], cancelled["counts"]["succeeded"]) == ("cancelling", 64)
    assert (await fixture.change(batch_id, "pause")).status_code == 409
    await fixture.check_counters()


async def test_what_failed_can_be_repeated(fixture: BatchFixture) -> None:
    batch_id = await fixture.submit(fixture.lines(66))
    first, second = await fixture.claim_many(66, models=[fixture.version])
    error = JobError(code="invalid_primer", detail="It does not fit.")
    melodies = [melody(first, item.index) for item in first.items[1:]]
    await fixture.commit(
        ShardResults(
            shard=first,
            melodies=melodies,
            errors=[ItemError(index=0, custom_id="c0", error=error)],
            is_batch=True,
            has_ended=True,
        )
    )
    assert (await fixture.change(batch_id, "retry")).status_code == 409
    async with fixture.database.transaction() as connection:
        for _ in range(3):
            await GenerationShards(connection).report_failed_attempt(second, "it failed")
            await connection.exec_driver_sql(
                "UPDATE shards SET state = 'running', attempt = attempt "
                "WHERE state = 'queued' AND failed_attempts > 0"
            )
    errors = (await fixture.http.get(f"{BATCHES}/{batch_id}/errors")).json()["items"]
    assert [(error["index"], error["custom_id"]) for error in errors] == [
        *((0, "c0"), (64, "c64"), (65, "c65"))
    ]
    retried = await fixture.change(batch_id, "retry")
    assert (retried.status_code, retried.json()["retry_of"]) == (202, str(batch_id))
    assert retried.json()["counts"]["total"] == 3
    [shard] = await fixture.claim_many(100, models=[fixture.version])
    assert [item.custom_id for item in shard.items] == ["c0", "c64", "c65"]
    assert shard.items[0].seed == first.items[0].seed


async def test_what_failed_again_can_be_repeated_again(fixture: BatchFixture) -> None:
    error = JobError(code="invalid_primer", detail="It does not fit.")
    ids = [await fixture.submit(fixture.lines(3, seed=7))]
    for num_failed in (2, 1):
        [shard] = await fixture.claim_many(100, models=[fixture.version])
        failed, rest = shard.items[:num_failed], shard.items[num_failed:]
        await fixture.commit(
            ShardResults(
                shard=shard,
                melodies=[melody(shard, item.index) for item in rest],
                errors=[
                    ItemError(index=item.index, custom_id=item.custom_id, error=error)
                    for item in failed
                ],
                is_batch=True,
                has_ended=True,
            )
        )
        retried = (await fixture.change(ids[-1], "retry")).json()
        assert retried["retry_of"] == str(ids[-1])
        ids.append(UUID(retried["id"]))
    [shard] = await fixture.claim_many(100, models=[fixture.version])
    assert [(item.index, item.custom_id, item.seed) for item in shard.items] == [(0, "c0", 7)]
    assert await fixture.finish(shard)
    assert (await fixture.batch(ids[-1]))["state"] == "succeeded"
    await fixture.check_counters()


async def test_the_archive_has_a_manifest(fixture: BatchFixture) -> None:
    batch_id = await fixture.submit(fixture.lines(3))
    await fixture.finish_all()
    archive = await fixture.http.get(f"{BATCHES}/{batch_id}/archive.zip")
    with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
        *files, manifest = opened.namelist()
        lines = [json.loads(line) for line in opened.read(manifest).splitlines()]
        assert [line["file"] for line in lines] == files
        assert [line["custom_id"] for line in lines] == ["c0", "c1", "c2"]
        assert {line["model"] for line in lines} == {fixture.version}
    items = (await fixture.http.get(f"{BATCHES}/{batch_id}/melodies")).json()["items"]
    assert [item["custom_id"] for item in items] == ["c0", "c1", "c2"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"after": -1}, list(range(250))),
        ({"after": 99}, list(range(100, 250))),
        ({"limit": 200}, list(range(200))),
        ({"after": 99, "limit": 101}, list(range(100, 201))),
        ({"after": 199, "limit": 50}, list(range(200, 250))),
        ({"after": 249}, []),
    ],
)
async def test_a_part_of_the_archive_is_a_complete_zip(
    fixture: BatchFixture, query: dict[str, int], expected: list[int]
) -> None:
    batch_id = await fixture.submit(fixture.lines(250))
    await fixture.finish_all()
    archive = await fixture.http.get(f"{BATCHES}/{batch_id}/archive.zip", params=query)
    with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
        *files, manifest = opened.namelist()
        lines = [json.loads(line) for line in opened.read(manifest).splitlines()]
    assert [line["index"] for line in lines] == expected
    assert [line["file"] for line in lines] == files


async def test_another_owner_does_not_see_a_batch(fixture: BatchFixture, backends: Stack) -> None:
    batch_id = await fixture.submit(fixture.lines(1))
    async with gateway(backends, uuid4().hex) as other:
        for method, path in (
            *(("GET", ""), ("GET", "/errors"), ("GET", "/melodies"), ("GET", "/archive.zip")),
            *(("POST", "/pause"), ("POST", "/resume"), ("POST", "/cancel"), ("POST", "/retry")),
        ):
            response = await other.request(method, f"{BATCHES}/{batch_id}{path}")
            assert (response.status_code, response.json()["code"]) == (404, "batch_not_found")
