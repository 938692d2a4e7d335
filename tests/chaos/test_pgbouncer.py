"""Several processes behind PgBouncer, some of which are killed, lose nothing.

PgBouncer has fewer connections to PostgreSQL than the services have to it, so that consecutive
transactions of a process run in different sessions.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from deploy.local.machine.ports import LOOPBACK, first_free, random_ports
from deploy.local.stack import SERVICES
from ostinato.client import Client
from ostinato.errors import Unreachable
from ostinato.schemas.batches import Batch, BatchLine
from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.events import MelodyEvent
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from shared.db.api_keys import ApiKeys
from shared.db.database import Database
from tests.conftest import CHECKPOINTS
from tests.support.jobs import JobFixture
from tests.support.servers.pgbouncer import StackBehindPgBouncer
from tests.support.servers.stacks import FAST_LEASES, Servers, wait_until_registered

MAX_SECONDS = 60.0
NUM_SESSIONS = 4
"""PgBouncer's connections to PostgreSQL; the services open about 30 to PgBouncer."""
REQUEST = GenerationRequest(model="mini", count=16, bars=8, seed=1000)
LINES = [BatchLine(model="mini", bars=4, seed=i, custom_id=f"line-{i}") for i in range(192)]

NUM_BUSY_WORKERS = """
    SELECT count(DISTINCT worker_id) FROM shards WHERE state = 'running' AND size > 16
"""
"""A worker that is killed then holds a shard that takes seconds."""
UNFINISHED_JOBS = """
    SELECT id, state FROM jobs
    WHERE state NOT IN ('succeeded', 'partial', 'failed', 'cancelled')
        OR succeeded + failed + cancelled <> num_items OR failed > 0
"""
UNFINISHED_SHARDS = """
    SELECT id, state FROM shards
    WHERE state NOT IN ('succeeded', 'failed', 'cancelled') OR ended_items <> size
"""
WRONG_NUMBERS_OF_MELODIES = """
    SELECT jobs.id, succeeded, count(index)
    FROM jobs LEFT JOIN melodies ON job_id = jobs.id AND NOT melodies.partial
    WHERE kind <> 'engraving' GROUP BY jobs.id, succeeded HAVING count(index) <> succeeded
"""


@pytest.fixture
def stack(servers: Servers, tmp_path: Path) -> Iterator[StackBehindPgBouncer]:
    """A gateway, a trainer, two dispatchers and two workers."""
    with StackBehindPgBouncer(
        tmp_path / "var", servers, checkpoints_dir=CHECKPOINTS, default_pool_size=NUM_SESSIONS
    ) as stack:
        for service in SERVICES:
            stack.start(service, **FAST_LEASES)
        for service in ("dispatcher", "worker"):
            stack.start(f"{service}-2", service, **FAST_LEASES)
        yield stack


@dataclass(frozen=True)
class Clients:
    """Clients of two owners, each with a connection to either gateway."""

    of_first_owner: tuple[Client, Client]
    of_second_owner: tuple[Client, Client]

    @property
    def all(self) -> tuple[Client, ...]:
        return self.of_first_owner + self.of_second_owner


@pytest.fixture
async def direct(stack: StackBehindPgBouncer) -> AsyncIterator[Database]:
    """The database without PgBouncer."""
    database = Database(stack.direct_url, pool_size=1)
    yield database
    await database.close()


@pytest.fixture
async def clients(stack: StackBehindPgBouncer, direct: Database) -> AsyncIterator[Clients]:
    """Clients of the gateway, and of a second one that has two processes."""
    stack.wait_ready(workers=0)  # the second gateway finds the development key
    port = first_free(random_ports())
    stack.start("gateway-2", "gateway", OSTINATO_PORT=str(port), OSTINATO_GATEWAY_PROCESSES="2")
    async with direct.transaction() as connection:
        keys = (stack.key_file.read_text(), (await ApiKeys(connection).create("second")).key)
    stack.wait_ready(workers=2)
    wait_until_registered(stack, states={"promoted"})
    urls = (stack.url, f"http://{LOOPBACK}:{port}")
    with ExitStack() as opened:
        first, second = ([opened.enter_context(Client(url, key)) for url in urls] for key in keys)
        await wait_until_it_answers(first[1])
        yield Clients((first[0], first[1]), (second[0], second[1]))


async def wait_until_it_answers(client: Client) -> None:
    deadline = time.monotonic() + MAX_SECONDS
    while time.monotonic() < deadline:
        with suppress(Unreachable):
            list(client.models())
            return
        await asyncio.sleep(0.05)


async def rows(database: Database, query: str, **parameters: object) -> list[tuple[object, ...]]:
    async with database.connection() as connection:
        return [tuple(row) for row in await connection.execute(text(query), parameters)]


async def wait_for(database: Database, query: str, expected: object) -> None:
    """Wait until the only value that a query returns is the expected one."""
    deadline = time.monotonic() + MAX_SECONDS
    while (found := await rows(database, query)) != [(expected,)]:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.02)


async def files_of(database: Database, job_id: UUID) -> list[tuple[object, ...]]:
    """Index, name, seed and bytes of the melodies of a job."""
    query = "SELECT index, custom_id, seed, midi FROM melodies WHERE job_id = :job ORDER BY index"
    return await rows(database, query, job=job_id)


class Requests:
    """What the clients request at the same time: each repeats some of it at both gateways."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._pool = ThreadPoolExecutor(24)
        near, far = clients.of_first_owner
        self._batches = [self._pool.submit(self._batch, client) for client in (near, far) * 3]
        self._jobs = [self._pool.submit(self._job, client) for client in (far, near) * 3]
        self._ended = [self._pool.submit(self._cancel), self._pool.submit(self._pause_and_resume)]
        self._small = [self._pool.submit(self._small_job, number) for number in range(24)]

    def wait(self) -> tuple[UUID, UUID]:
        """The ids of the batch and of the job that several clients requested, once all ended."""
        near, far = self._clients.of_first_owner
        [batch_id] = {future.result() for future in self._batches}
        [job_id] = {future.result() for future in self._jobs}
        ended = [wait(far, batch_id), *(future.result() for future in self._ended)]
        assert [batch.state for batch in ended] == ["succeeded", "cancelled", "succeeded"]
        assert near.wait(job_id, seconds=MAX_SECONDS).state is JobState.SUCCEEDED
        assert len({future.result() for future in self._small}) == len(self._small)
        self._pool.shutdown()
        return batch_id, job_id

    def _batch(self, client: Client) -> UUID:
        return client.submit_batch_lines(LINES, idempotency_key="batch").id

    def _job(self, client: Client) -> UUID:
        return client.generate(REQUEST, idempotency_key="job").id

    def _small_job(self, number: int) -> UUID:
        client = self._clients.all[number % 4]
        request = GenerationRequest(model="mini", bars=2, seed=number)
        job = client.wait(client.generate(request).id, seconds=MAX_SECONDS)
        assert (job.state, job.succeeded) == (JobState.SUCCEEDED, 1)
        return job.id

    def _cancel(self) -> Batch:
        near, far = self._clients.of_second_owner
        return wait(near, far.cancel_batch(near.submit_batch_lines(LINES).id).id)

    def _pause_and_resume(self) -> Batch:
        near, far = self._clients.of_second_owner
        paused = near.pause_batch(far.submit_batch_lines(LINES).id)
        assert paused.state is JobState.PAUSED
        return wait(far, far.resume_batch(paused.id).id)


def wait(client: Client, batch_id: UUID) -> Batch:
    return client.wait_for_batch(batch_id, seconds=MAX_SECONDS)


async def test_nothing_is_lost_or_duplicated_when_processes_are_killed(
    stack: StackBehindPgBouncer, clients: Clients, direct: Database
) -> None:
    requests = Requests(clients)
    await wait_for(direct, NUM_BUSY_WORKERS, 2)
    stack.kill("worker-2")
    stack.kill("dispatcher-2")
    batch_id, job_id = requests.wait()

    near, far = clients.of_first_owner
    melody = near.melody(next(near.melodies(job_id)).id)
    engraving = near.engrave(EngravingRequest(notes=melody.notes))
    files = [await files_of(direct, job) for job in (batch_id, job_id)]
    alone = [near.submit_batch_lines(LINES).id, far.generate(REQUEST).id]  # one worker is left
    assert wait(near, alone[0]).state is JobState.SUCCEEDED
    assert far.wait(alone[1], seconds=MAX_SECONDS).state is JobState.SUCCEEDED
    assert [await files_of(direct, job) for job in alone] == files
    assert [len(found) for found in files] == [len(LINES), REQUEST.count]
    committed = [event.melody for event in far.events(job_id) if isinstance(event, MelodyEvent)]
    assert sorted(committed) == list(range(REQUEST.count))
    engraved = near.wait_for_engraving(engraving.id, seconds=MAX_SECONDS)
    assert engraved.state is JobState.SUCCEEDED

    await wait_for(direct, "SELECT count(*) FROM outbox", 0)
    assert await rows(direct, UNFINISHED_JOBS) == []
    assert await rows(direct, UNFINISHED_SHARDS) == []
    assert await rows(direct, WRONG_NUMBERS_OF_MELODIES) == []
    assert await rows(direct, "SELECT sum(crashes) > 0 FROM shards") == [(True,)]
    await JobFixture(direct).check_counters()
    log = (stack.state_dir.path / "log").read_text()
    assert "Traceback" not in log
