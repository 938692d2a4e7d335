"""The disk of PostgreSQL is full: an outage, after which the finished melodies are committed.

The tables of jobs and melodies are on a small file system of their own, which only root can mount.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from tests.support.servers.databases import run_statements
from tests.support.servers.gateway import gateway
from tests.support.servers.small_disk import fill, tables_on_small_disk
from tests.support.worker_jobs import WorkerFixture

REQUEST = GenerationRequest(model="mini", bars=2, seed=3, count=8)
_COUNTERS = text("SELECT attempt, crashes, failed_attempts FROM shards WHERE job_id = :job_id")


@pytest.fixture
def full_disk(backends: Stack) -> Iterator[Path]:
    """The file that fills the disk of the tables, once `fill` has written it."""

    with tables_on_small_disk(backends.database_url, megabytes=2) as filler:
        yield filler
    truncate = "TRUNCATE jobs, shards, melodies CASCADE"  # jobs that no worker is to claim later
    asyncio.run(run_statements(backends.database_url, truncate))


async def test_a_full_disk_is_an_outage(
    backends: Stack,
    workers: WorkerFixture,
    full_disk: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = await workers.submit(REQUEST)
    fill(full_disk)
    worker = workers.start()
    await workers.until(lambda: "The commit of finished melodies waits" in caplog.text)
    async with gateway(backends, workers.owner) as http:
        body = {"model": "mini", "bars": 2}
        responses = [await http.post("/v1/generations", json=body) for _ in range(40)]
        refused = responses[-1]
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert int(refused.headers["retry-after"]) > 0
        assert {response.status_code for response in responses} <= {202, 503}
        assert (await workers.get(job.id)).succeeded == 0
        await asyncio.to_thread(full_disk.unlink)
        done = await workers.wait_for(job, JobState.SUCCEEDED)
        accepted = await http.post("/v1/generations", json=body)
    await workers.drain(worker)
    assert (done.succeeded, accepted.status_code) == (8, 202)
    async with workers.database.connection() as connection:
        row = (await connection.execute(_COUNTERS, {"job_id": job.id})).one()
    assert tuple(row) == (1, 0, 0)
    await workers.check_counters()
