"""Whatever is killed in mid-job: nothing is lost, nothing is doubled, no byte is different.

Each fault strikes while notes are being written and heard. Afterwards every melody is there exactly
once with the bytes of an undisturbed run, and whoever listened heard each note exactly once.
"""

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from redis import Redis
from sqlalchemy import text

from deploy.local.stack import Stack
from ostinato.client import Client
from ostinato.schemas.events import Event, MelodyEvent, NotesEvent, ResyncEvent
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import Job, JobState
from ostinato.schemas.notes import Note
from shared.db.database import Database
from tests.conftest import CHECKPOINTS, QUICK, client_of, start
from tests.public_folder import public_folder

REQUEST = GenerationRequest(model="mini", count=24, bars=24, seed=1000)
LEASE = float(QUICK["OSTINATO_LEASE_SECONDS"])


@pytest.fixture(scope="module")
def house() -> Iterator[Stack]:
    """A house that is put in order again after every fault."""
    with public_folder() as folder, Stack(folder, checkpoints=CHECKPOINTS) as stack:
        start(stack)
        yield stack


@pytest.fixture(scope="module")
def undisturbed(house: Stack) -> list[bytes]:
    """The files that the request gives when nothing happens."""
    with client_of(house) as client:
        return files(client, client.wait(client.generate(REQUEST).id))


def files(client: Client, job: Job) -> list[bytes]:
    """The MIDI files of a job that has every melody exactly once."""
    assert (job.state, job.succeeded) == (JobState.SUCCEEDED, REQUEST.count), job
    melodies = list(client.melodies(job.id))
    assert [melody.index for melody in melodies] == list(range(REQUEST.count))
    return [client.midi(melody.id) for melody in melodies]


class Listener(threading.Thread):
    """Somebody who listens through the fault, and forgets only when told to."""

    def __init__(self, stack: Stack, job: Job) -> None:
        super().__init__(daemon=True)
        self.heard: list[Event] = []
        self.notes_came = threading.Event()
        self._stack = stack
        self._job = job

    def run(self) -> None:
        with client_of(self._stack) as client:
            for event in client.events(self._job.id):
                self._hear(event)

    def _hear(self, event: Event) -> None:
        if isinstance(event, ResyncEvent):
            self.heard.clear()
            return
        self.heard.append(event)
        if isinstance(event, NotesEvent):
            self.notes_came.set()

    def notes_of(self, melody: int) -> list[Note]:
        told = [e for e in self.heard if isinstance(e, NotesEvent) and e.melody == melody]
        return [note for event in told for note in event.notes]


def kill_worker(house: Stack) -> None:
    house.kill("worker")
    house.restart("worker")


def stop_worker(house: Stack) -> None:
    house.restart("worker")


def kill_redis(house: Stack) -> None:
    house.kill("valkey")
    time.sleep(1)
    house.restart("valkey")


def flush_redis(house: Stack) -> None:
    with Redis.from_url(house.redis_url) as redis:
        redis.flushall()


def kill_postgres(house: Stack) -> None:
    house.kill("postgres")
    time.sleep(1)
    house.restart("postgres")


def terminate_backends(house: Stack) -> None:
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"

    async def terminate() -> None:
        database = Database(house.database_url, pool_size=1)
        async with database.transaction() as connection:
            await connection.execute(text(others))
        await database.close()

    asyncio.run(terminate())


def kill_gateway(house: Stack) -> None:
    house.kill("gateway")
    house.restart("gateway")
    house.wait_ready()


def kill_dispatcher(house: Stack) -> None:
    house.kill("dispatcher")
    house.restart("dispatcher")


def freeze_worker_for_two_leases(house: Stack) -> None:
    """It comes back believing that the shard is still its own; another has it by then."""
    house.start("second", "worker", **QUICK)
    house.process("worker").signal(signal.SIGSTOP)
    time.sleep(2 * LEASE)
    house.process("worker").signal(signal.SIGCONT)


def kill_one_of_two_workers(house: Stack) -> None:
    house.start("second", "worker", **QUICK)
    house.kill("worker")


FAULTS = [
    kill_worker,
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
WITH_A_SECOND_WORKER = (freeze_worker_for_two_leases, kill_one_of_two_workers)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_in_mid_job(house: Stack, undisturbed: list[bytes], fault: Callable[[Stack], None]) -> None:
    with client_of(house) as client:
        job = client.generate(REQUEST)
        listener = Listener(house, job)
        listener.start()
        assert listener.notes_came.wait(30)
        assert client.job(job.id).state is JobState.RUNNING, "the fault comes too late"
        fault(house)
        assert files(client, client.wait(job.id)) == undisturbed
        listener.join(30)
        assert not listener.is_alive()
        assert [event.seq for event in listener.heard] == list(range(1, len(listener.heard) + 1))
        committed = [event.melody for event in listener.heard if isinstance(event, MelodyEvent)]
        assert sorted(committed) == list(range(REQUEST.count))
        for melody in client.melodies(job.id):
            assert listener.notes_of(melody.index) == client.melody(melody.id).notes
    if fault in WITH_A_SECOND_WORKER:
        house.restart("worker")
        house.stop("second")
