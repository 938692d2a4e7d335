"""Data sets and trained versions: deleting them, and how many bytes an owner may store."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from shared.db.database import Database
from shared.db.retention.storage_usage import storage_usage
from tests.support.midi import zip_of_random_midis
from tests.support.servers.gateway import gateway
from tests.support.trainings import TrainingFixture
from tests.support.versions import add_version

ARCHIVE = zip_of_random_midis(1).getvalue()
MAX_BYTES = 5 * len(ARCHIVE) // 2


@pytest.fixture
def trainings(database: Database) -> TrainingFixture:
    return TrainingFixture(database)


@pytest.fixture
async def http(
    backends: Stack, trainings: TrainingFixture, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    settings = {"storage_url": str(tmp_path), "max_stored_bytes_per_owner": MAX_BYTES}
    async with gateway(backends, trainings.owner, **settings) as http:
        yield http


async def upload(http: httpx.AsyncClient) -> httpx.Response:
    return await http.post("/v1/datasets?name=tunes", content=ARCHIVE)


async def imported(http: httpx.AsyncClient, database: Database, state: str = "succeeded") -> str:
    """A data set whose import has ended."""
    dataset_id = str((await upload(http)).json()["id"])
    await end_job(database, dataset_id, state)
    return dataset_id


async def end_job(database: Database, job_id: str, state: str) -> None:
    """Let a job of one shard end in this state."""
    async with database.transaction() as connection:
        for statement in (
            "UPDATE jobs SET state = 'running' WHERE id = CAST(:id AS uuid)",
            "UPDATE jobs SET state = :state, finished_at = now() WHERE id = CAST(:id AS uuid)",
            "UPDATE shards SET state = 'succeeded', ended_items = size"
            " WHERE job_id = CAST(:id AS uuid)",
            "UPDATE owner_queues SET pending_items = pending_items - 1 FROM shards"
            " WHERE job_id = CAST(:id AS uuid) AND owner_queues.owner = shards.owner"
            " AND owner_queues.queue = shards.queue AND owner_queues.model = shards.model",
        ):
            parameters = {"id": job_id} | ({"state": state} if ":state" in statement else {})
            await connection.execute(text(statement), parameters)


def stored(tmp_path: Path) -> list[str]:
    return sorted(path.stem for path in tmp_path.rglob("*") if path.is_file())


async def test_a_data_set_is_deleted_with_its_zip(
    http: httpx.AsyncClient, database: Database, tmp_path: Path
) -> None:
    processing = (await upload(http)).json()["id"]
    refused = await http.delete(f"/v1/datasets/{processing}")
    assert (refused.status_code, "cancel it" in refused.json()["detail"]) == (409, True)
    dataset_id = await imported(http, database)
    training = await http.post(
        "/v1/trainings", json={"recipe": "mini", "version": f"v-{uuid4()}", "dataset": dataset_id}
    )
    training_id = training.json()["id"]
    refused = await http.delete(f"/v1/datasets/{dataset_id}")
    assert (refused.status_code, training_id in refused.json()["detail"]) == (409, True)
    await http.post(f"/v1/trainings/{training_id}/cancel")
    trained = await add_version(database, dataset=dataset_id)
    assert (await http.delete(f"/v1/datasets/{dataset_id}")).status_code == 204
    versions = {model["version"]: model for model in (await http.get("/v1/models")).json()["items"]}
    assert "was deleted" in versions[trained]["data_error"]
    again = await http.delete(f"/v1/datasets/{dataset_id}")
    assert (again.status_code, again.json()["code"]) == (404, "dataset_not_found")
    assert [item["id"] for item in (await http.get("/v1/datasets")).json()["items"]] == [processing]
    assert (await http.get(f"/v1/jobs/{dataset_id}/events")).status_code == 404
    assert stored(tmp_path) == [processing]


async def test_an_upload_over_the_quota_is_rejected_until_something_is_deleted(
    http: httpx.AsyncClient, database: Database, tmp_path: Path
) -> None:
    rejected_by_import = await imported(http, database, "failed")  # does not count
    first, second = [await imported(http, database) for _ in range(2)]
    over = await upload(http)
    problem = over.json()
    assert (over.status_code, problem["code"]) == (413, "storage_quota_exceeded")
    assert (problem["used_bytes"], problem["max_bytes"]) == (2 * len(ARCHIVE), MAX_BYTES)
    assert "delete data sets or versions" in problem["detail"]

    async def body() -> AsyncIterator[bytes]:
        """A body of unknown length."""
        yield ARCHIVE

    assert (await http.post("/v1/datasets?name=tunes", content=body())).status_code == 413
    assert stored(tmp_path) == sorted([rejected_by_import, first, second])
    assert (await http.delete(f"/v1/datasets/{first}")).status_code == 204
    assert (await upload(http)).status_code == 201


async def trained_version(trainings: TrainingFixture, *, promoted: bool = False) -> tuple[str, str]:
    """A version that a training of the owner produced: (training id, version)."""
    training = await trainings.create()
    await trainings.finish(await trainings.claim())
    version = training.request.version
    await add_version(trainings.database, promoted=promoted, training_id=training.id, name=version)
    return str(training.id), version


async def test_trained_versions_count_and_a_full_owner_starts_no_training(
    http: httpx.AsyncClient, database: Database, trainings: TrainingFixture
) -> None:
    _, version = await trained_version(trainings)
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE models SET num_bytes = :bytes WHERE version = :version"),
            {"bytes": MAX_BYTES, "version": version},
        )
        usage = await storage_usage(connection, trainings.owner, MAX_BYTES)
    assert (usage.datasets_bytes, usage.models_bytes) == (0, MAX_BYTES)
    request = {"recipe": "mini", "version": f"v-{uuid4()}"}
    over = await http.post("/v1/trainings", json=request)
    assert (over.status_code, over.json()["code"]) == (413, "storage_quota_exceeded")
    assert (await http.delete(f"/v1/models/{version}")).status_code == 204
    assert (await http.post("/v1/trainings", json=request)).status_code == 202


async def test_a_version_is_deleted_by_the_owner_of_its_training(
    http: httpx.AsyncClient, backends: Stack, trainings: TrainingFixture
) -> None:
    training_id, version = await trained_version(trainings)
    refused = await http.delete(f"/v1/trainings/{training_id}")
    assert (refused.status_code, version in refused.json()["detail"]) == (409, True)
    async with gateway(backends, "another") as other:
        assert (await other.delete(f"/v1/models/{version}")).json()["code"] == "forbidden"
    base = {"recipe": "mini", "version": f"v-{uuid4()}", "base": version}
    started = (await http.post("/v1/trainings", json=base)).json()["id"]
    refused = await http.delete(f"/v1/models/{version}")
    assert (refused.status_code, started in refused.json()["detail"]) == (409, True)
    await http.post(f"/v1/trainings/{started}/cancel")
    assert (await http.delete(f"/v1/models/{version}")).status_code == 204
    again = await http.delete(f"/v1/models/{version}")
    assert (again.status_code, again.json()["code"]) == (404, "model_not_found")
    versions = {model["version"] for model in (await http.get("/v1/models")).json()["items"]}
    assert version not in versions
    named_again = await http.post("/v1/trainings", json={"recipe": "mini", "version": version})
    assert named_again.status_code == 202
    assert (await http.delete(f"/v1/trainings/{training_id}")).status_code == 204
    assert (await http.get(f"/v1/trainings/{training_id}")).status_code == 404


async def test_promoted_and_shipped_versions_are_not_deleted(
    http: httpx.AsyncClient, database: Database, trainings: TrainingFixture
) -> None:
    _, promoted = await trained_version(trainings, promoted=True)
    shipped = await add_version(database, promoted=False)
    codes = [
        (await http.delete(f"/v1/models/{version}")).json()["code"]
        for version in (promoted, shipped)
    ]
    assert codes == ["conflict", "forbidden"]
