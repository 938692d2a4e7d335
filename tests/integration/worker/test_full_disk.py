"""The disk of PostgreSQL is full: an outage, after which the finished melodies are committed.

The tables of jobs and melodies are on a small file system of their own, which only root can mount.
"""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from deploy.local.account import Account
from deploy.local.stack import Stack
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from tests.support.servers.databases import run_statements
from tests.support.servers.gateway import gateway
from tests.support.tmp import world_traversable_dir
from tests.support.worker_jobs import WorkerFixture

REQUEST = GenerationRequest(model="mini", bars=2, seed=3, count=8)
TABLES = ("jobs", "melodies")
_COUNTERS = text("SELECT attempt, crashes, failed_attempts FROM shards WHERE job_id = :job_id")


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 2 MB."""
    account = Account.for_postgres()
    if account is None:
        pytest.skip("only root can mount a file system")
    with world_traversable_dir() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=755", "tmpfs", str(folder)]
        if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
            pytest.skip("this machine does not let root mount a file system")
        try:
            data = folder / "data"
            data.mkdir(mode=0o700)
            account.chown(data)
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def full_disk(backends: Stack, workers: WorkerFixture, small_disk: Path) -> Iterator[Path]:
    """The file whose deletion makes space for PostgreSQL, before which it has none."""

    def move(tablespace: str) -> None:
        """Move the tables to a tablespace."""
        moves = [f"ALTER TABLE {table} SET TABLESPACE {tablespace}" for table in TABLES]
        asyncio.run(run_statements(backends.database_url, *moves))

    create = f"CREATE TABLESPACE small LOCATION '{small_disk / 'data'}'"
    asyncio.run(run_statements(backends.database_url, create))
    move("small")
    filler = small_disk / "filler"
    yield filler
    filler.unlink(missing_ok=True)
    asyncio.run(run_statements(backends.database_url, "TRUNCATE jobs CASCADE"))
    move("pg_default")
    asyncio.run(run_statements(backends.database_url, "DROP TABLESPACE small"))


def fill(filler: Path) -> None:
    """Write to a file until its disk is full."""
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


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
