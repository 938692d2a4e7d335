"""Faults during a job lose nothing, duplicate nothing and change no byte.

Each fault is injected while notes are generated and streamed. Afterwards every melody exists
exactly once, with the bytes of a job without faults, and the client has received each note exactly
once. `test_worker_deaths.py` kills the worker itself.
"""

import asyncio
import signal
import time
from collections.abc import Callable

import pytest
from redis import Redis
from sqlalchemy import text

from deploy.local.stack import Stack
from ostinato.client import Client
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import GenerationJob, JobState
from shared.db.database import Database
from tests.conftest import client_of
from tests.support.servers.event_reader import EventReader
from tests.support.servers.stacks import FAST_LEASES

REQUEST = GenerationRequest(model="mini", count=24, bars=24, seed=1000)
LEASE_SECONDS = float(FAST_LEASES["OSTINATO_LEASE_SECONDS"])


@pytest.fixture(scope="module")
def expected_files(restorable_stack: Stack) -> list[bytes]:
    """The files of the request without a fault."""
    with client_of(restorable_stack) as client:
        return files_of(client, client.wait(client.generate(REQUEST).id))


def files_of(client: Client, job: GenerationJob) -> list[bytes]:
    """The MIDI files of a job, which must have every melody exactly once."""
    assert (job.state, job.succeeded) == (JobState.SUCCEEDED, REQUEST.count), job
    melodies = list(client.melodies(job.id))
    assert [melody.index for melody in melodies] == list(range(REQUEST.count))
    return [client.midi(melody.id) for melody in melodies]


def stop_worker(stack: Stack) -> None:
    stack.restart("worker")


def kill_redis(stack: Stack) -> None:
    stack.kill("valkey")
    time.sleep(1)
    stack.restart("valkey")


def flush_redis(stack: Stack) -> None:
    with Redis.from_url(stack.redis_url) as redis:
        redis.flushall()


def kill_postgres(stack: Stack) -> None:
    stack.kill("postgres")
    time.sleep(1)
    stack.restart("postgres")


def terminate_backends(stack: Stack) -> None:
    query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"

    async def terminate() -> None:
        database = Database(stack.database_url, pool_size=1)
        async with database.transaction() as connection:
            await connection.execute(text(query))
        await database.close()

    asyncio.run(terminate())


def kill_gateway(stack: Stack) -> None:
    stack.kill("gateway")
    stack.restart("gateway")
    stack.wait_ready()


def kill_dispatcher(stack: Stack) -> None:
    stack.kill("dispatcher")
    stack.restart("dispatcher")


def freeze_worker_for_two_leases(stack: Stack) -> None:
    """When it continues, another worker has claimed its shard."""
    stack.start("worker-2", "worker", **FAST_LEASES)
    stack.process("worker").signal(signal.SIGSTOP)
    time.sleep(2 * LEASE_SECONDS)
    stack.process("worker").signal(signal.SIGCONT)


def kill_one_of_two_workers(stack: Stack) -> None:
    stack.start("worker-2", "worker", **FAST_LEASES)
    stack.kill("worker")


FAULTS = [
    stop_worker,
    kill_redis,
    flush_redis,
    kill_postgres,
    terminate_backends,
    kill_gateway,
    kill_dispatcher,
    freeze_worker_for_two_leases,
    kill_one_of_two_workers,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_during_a_job(
    isolated_stack: Stack, expected_files: list[bytes], fault: Callable[[Stack], None]
) -> None:
    with client_of(isolated_stack) as client:
        job = client.generate(REQUEST)
        reader = EventReader(isolated_stack, job)
        reader.start()
        assert reader.has_notes.wait(30)
        assert client.job(job.id).state is JobState.RUNNING, "the job ended before the fault"
        fault(isolated_stack)
        assert files_of(client, client.wait(job.id)) == expected_files
        reader.assert_complete(client)
