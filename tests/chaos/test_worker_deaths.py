"""Deaths of a worker process: none ends a job by itself, and a poisonous request ends only its own.

The worker is the only one, and the supervisor of the embedded stack restarts it.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from deploy.local.supervisor import Supervisor
from ostinato.client import Client
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import GenerationJob, JobState
from shared.db.database import Database
from shared.db.job_queue.isolation import ISOLATION_CRASHES
from tests.conftest import client_of
from tests.support.chaos.selection import only_in_make_chaos
from tests.support.servers.event_reader import EventReader

REQUEST = GenerationRequest(model="mini", count=2, bars=32, seed=2000)
SHORT_REQUEST = GenerationRequest(model="mini", bars=2, seed=3)
NUM_KILLS = 5
"""Two while the shard runs among others, one while it runs alone, two in fresh processes."""
MAX_SECONDS = 300.0
"""The worker is started nine times, which takes ten times as long on a busy machine."""
pytestmark = pytest.mark.timeout(2 * MAX_SECONDS)
LEASES = {"OSTINATO_LEASE_SECONDS": "1", "OSTINATO_HEARTBEAT_INTERVAL_SECONDS": "0.3"}
POISONOUS_SEED = 666
POISON = f"""
import os, signal
from services.worker.engine.model_runner import ModelRunner

step = ModelRunner.step

def fatal_step(runner, assignments):
    if any(decoding.spec.seed == {POISONOUS_SEED} for _, decoding in assignments):
        os.kill(os.getpid(), signal.SIGKILL)
    return step(runner, assignments)

ModelRunner.step = fatal_step
"""
"""A `sitecustomize` with which one seed kills the process that generates it."""
_SHARD = text("SELECT state, attempt, crashes, failed_attempts FROM shards WHERE job_id = :job_id")
_ISOLATE = text("UPDATE shards SET crashes = :crashes WHERE job_id = :job_id")


@pytest.fixture
async def database(isolated_stack: Stack) -> AsyncIterator[Database]:
    database = Database(isolated_stack.database_url, pool_size=1)
    yield database
    await database.close()


@pytest.fixture
def supervised(isolated_stack: Stack) -> Iterator[Stack]:
    """A stack whose programs are restarted when they end."""
    is_done = threading.Event()
    supervisor = threading.Thread(target=Supervisor(isolated_stack).run, args=(is_done,))
    supervisor.start()
    yield isolated_stack
    is_done.set()
    supervisor.join()


async def shard_of(database: Database, job: GenerationJob) -> Any:  # noqa: ANN401 - a row
    """The only shard of a job."""
    async with database.connection() as connection:
        return (await connection.execute(_SHARD, {"job_id": job.id})).one()


def files_of(client: Client, job: GenerationJob) -> list[bytes]:
    done = client.wait(job.id, seconds=MAX_SECONDS)
    assert (done.state, done.succeeded) == (JobState.SUCCEEDED, REQUEST.count), done
    return [client.midi(melody.id) for melody in client.melodies(job.id)]


@only_in_make_chaos
async def test_a_job_survives_more_deaths_of_its_worker_than_make_it_suspect(
    isolated_stack: Stack, database: Database
) -> None:
    isolated_stack.start("worker", **LEASES)
    with client_of(isolated_stack) as client:
        expected = files_of(client, client.generate(REQUEST))
        job = client.generate(REQUEST)
        reader = EventReader(isolated_stack, job)
        reader.start()
        for attempt in range(1, NUM_KILLS + 1):
            async with asyncio.timeout(MAX_SECONDS):
                while (shard := await shard_of(database, job)).attempt < attempt:
                    pass
            assert (shard.state, shard.attempt) == ("running", attempt)
            isolated_stack.kill("worker")
            isolated_stack.restart("worker")
        assert files_of(client, job) == expected
        reader.assert_complete(client)
        shard = await shard_of(database, job)
        assert (shard.attempt, shard.crashes) == (NUM_KILLS + 1, ISOLATION_CRASHES + 1)


async def test_a_poisonous_shard_kills_three_fresh_processes_and_ends_no_other_job(
    supervised: Stack, database: Database, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(POISON)
    path = f"{tmp_path}:{Path(__file__).parents[2]}"
    supervised.stop("worker")
    with client_of(supervised) as client:
        poisonous = client.generate(SHORT_REQUEST.model_copy(update={"seed": POISONOUS_SEED}))
        async with database.connection() as connection:
            parameters = {"crashes": ISOLATION_CRASHES + 1, "job_id": poisonous.id}
            await connection.execute(_ISOLATE, parameters)
        supervised.start("worker", PYTHONPATH=path, **LEASES)
        others = 0
        while not (done := client.job(poisonous.id)).is_terminal:
            other = client.wait(client.generate(SHORT_REQUEST).id, seconds=MAX_SECONDS)
            assert other.state is JobState.SUCCEEDED
            others += 1
    assert (done.state, others >= 3) == (JobState.FAILED, True)
    assert done.error is not None
    assert done.error.code == "poison"
    shard = await shard_of(database, poisonous)
    assert (shard.crashes, shard.failed_attempts, shard.attempt) == (3, 3, 3)
    log = (supervised.state_dir.path / "log").read_text()
    assert log.count("worker ended with exit code -9") == 3
