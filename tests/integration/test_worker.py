"""A worker in this process on the real servers: what it claims, plays, refuses and gives back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import Job, JobState
from ostinato.schemas.notes import Note
from services.worker.engine.model_runner import Runner
from services.worker.model_registry import Repertoire
from services.worker.settings import WorkerSettings
from services.worker.worker import Worker
from shared.broker.queues import Queue
from shared.db.database import Database
from shared.db.jobs import Jobs
from shared.db.new_job import Order
from shared.db.primers import Primers
from shared.db.workers import Workers
from shared.messages import Hint
from tests.conftest import CHECKPOINTS
from tests.orders import Desk
from tests.public_folder import public_folder
from tests.repertoires import empty


@pytest.fixture(scope="module")
def servers() -> Iterator[Stack]:
    """Servers of our own: a worker takes every shard that it finds."""
    with public_folder() as folder, Stack(folder, checkpoints=CHECKPOINTS) as stack:
        stack.start_servers()
        stack.migrate()
        stack.register()
        yield stack


@pytest.fixture(scope="module")
def repertoire() -> Repertoire:
    """Shared by all workers here, so that only the first has to load anything."""
    return empty(slots=8)


class House(Desk):
    """A desk whose interactive orders a worker plays."""

    def __init__(self, database: Database, servers: Stack, repertoire: Repertoire) -> None:
        super().__init__(database, Queue.INTERACTIVE)
        self.servers = servers
        self.repertoire = repertoire

    def worker(self, **settings: object) -> Worker:
        """A worker that was started."""
        fields = {
            "environment": "development",
            "database_url": self.servers.database_url,
            "redis_url": self.servers.redis_url,
            "slots": 8,
            "reserved_slots": 2,
            "lease_seconds": 2,
            "heartbeat_seconds": 0.2,
        }
        validated = WorkerSettings.model_validate({**fields, **settings})
        worker = Worker(validated, self.repertoire, worker_id=uuid4(), name="test@here")
        worker.start()
        return worker

    async def place(self, request: GenerationRequest) -> Job:
        order = Order(owner=self.owner, request=request, posted=request, queue=self.queue)
        async with self.database.transaction() as connection:
            return await Jobs(connection).accept(order)

    async def until(self, job: Job, *states: JobState) -> Job:
        async with asyncio.timeout(60):
            while True:
                now = await self.job(job.id)
                if now.state in states:
                    return now
                await asyncio.sleep(0.05)

    async def give_to_another_worker(self, job: Job) -> None:
        """As the reaper and a second worker would, while the first one was frozen."""
        taken = "UPDATE shards SET worker_id = :other, attempt = attempt + 1 WHERE job_id = :job"
        async with self.database.transaction() as connection:
            await connection.execute(text(taken), {"other": uuid4(), "job": job.id})

    async def stop(self, worker: Worker) -> None:
        await asyncio.to_thread(worker.drain)


@pytest.fixture
async def house(database: Database, servers: Stack, repertoire: Repertoire) -> AsyncIterator[House]:
    yield House(database, servers, repertoire)
    async with database.transaction() as connection:
        await connection.execute(text("TRUNCATE jobs CASCADE"))


REQUEST = GenerationRequest(model="mini", bars=2, seed=3)
ENDLESS = REQUEST.model_copy(update={"bars": 64, "count": 8})


async def test_what_waits_at_the_start_is_played_without_a_hint(house: House) -> None:
    job = await house.place(REQUEST)
    worker = house.worker()
    done = await house.until(job, JobState.SUCCEEDED)
    await house.stop(worker)
    assert done.succeeded == 1


async def test_a_hint_is_played_at_once_and_its_doubles_are_nothing(house: House) -> None:
    worker = house.worker(heartbeat_seconds=1)
    await asyncio.sleep(0.2)
    job = await house.place(REQUEST)
    shard_id, attempt = (await house.waiting())[0]
    for _ in range(3):
        worker.offer(Queue.INTERACTIVE, Hint(shard_id=shard_id, attempt=attempt))
    done = await house.until(job, JobState.SUCCEEDED)
    await house.stop(worker)
    assert done.succeeded == 1


async def test_a_worker_shows_that_it_is_alive_until_it_leaves(house: House) -> None:
    worker = house.worker()
    await asyncio.sleep(0.5)
    async with house.database.transaction() as connection:
        names = [row.name for row in await Workers(connection).alive()]
    await house.stop(worker)
    async with house.database.transaction() as connection:
        assert (names, await Workers(connection).alive()) == (["test@here"], [])


async def test_a_model_that_is_not_here_is_left_to_another_worker(house: House) -> None:
    other = await house.place(REQUEST.model_copy(update={"model": "v99"}))
    job = await house.place(REQUEST)
    worker = house.worker()
    await house.until(job, JobState.SUCCEEDED)
    await house.stop(worker)
    assert (await house.job(other.id)).state is JobState.QUEUED


async def test_a_worker_that_must_end_gives_back_what_it_has_not_finished(house: House) -> None:
    job = await house.place(ENDLESS)
    first = house.worker(drain_seconds=0)
    await house.until(job, JobState.RUNNING)
    await house.stop(first)
    shard_id, attempt = (await house.waiting())[0]
    claim = await house.try_claim(shard_id, attempt)
    assert claim is not None
    assert (claim.crashes, claim.attempt) == (0, 2)


async def test_a_worker_drops_what_was_taken_from_it(house: House) -> None:
    job = await house.place(ENDLESS)
    worker = house.worker(drain_seconds=30)
    await house.until(job, JobState.RUNNING)
    await house.give_to_another_worker(job)
    await house.stop(worker)
    assert (await house.job(job.id)).succeeded == 0


async def test_what_was_taken_leaves_the_engine(house: House) -> None:
    job = await house.place(ENDLESS)
    worker = house.worker(drain_seconds=0)
    await house.until(job, JobState.RUNNING)
    await house.give_to_another_worker(job)
    async with asyncio.timeout(20):
        await worker._stage.empty.wait()
        while True:
            if worker._stage.stats().running == 0:
                break
            await asyncio.sleep(0.05)
    await house.stop(worker)


async def test_files_that_cannot_be_written_fail_the_job_and_name_the_cause(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> bytes:
        raise ValueError("no ink")

    monkeypatch.setattr(performance, "write_midi", broken)
    job = await house.place(REQUEST)
    worker = house.worker()
    done = await house.until(job, JobState.FAILED)
    await house.stop(worker)
    assert done.error is not None
    assert "no ink" in done.error.detail


async def test_a_suspect_gets_a_house_of_its_own_though_others_wait(house: House) -> None:
    suspect = await house.place(REQUEST)
    async with house.database.transaction() as connection:
        await connection.execute(text("UPDATE shards SET crashes = 2"))
    younger = [await house.place(REQUEST) for _ in range(3)]
    worker = house.worker(interactive_melodies=1)
    done = await house.until(suspect, JobState.SUCCEEDED)
    for job in younger:
        after = await house.until(job, JobState.SUCCEEDED)
        assert after.started_at is not None
        assert done.finished_at is not None
        assert after.started_at > done.finished_at
    await house.stop(worker)


async def test_a_worker_takes_on_no_more_than_it_has_room_for(house: House) -> None:
    jobs = [await house.place(ENDLESS) for _ in range(3)]
    worker = house.worker(interactive_melodies=1, drain_seconds=0)
    await house.until(jobs[0], JobState.RUNNING)
    await asyncio.sleep(0.5)
    assert len(worker._stage.held) == 1
    await house.stop(worker)


async def test_its_room_is_counted_in_melodies(house: House) -> None:
    jobs = [await house.place(ENDLESS.model_copy(update={"count": 3})) for _ in range(3)]
    worker = house.worker(interactive_melodies=4, drain_seconds=0)
    await house.until(jobs[1], JobState.RUNNING)
    await asyncio.sleep(0.5)
    assert len(worker._stage.held) == 2
    await house.stop(worker)


async def test_cancelling_reaches_the_engine(house: House) -> None:
    job = await house.place(ENDLESS)
    worker = house.worker()
    await house.until(job, JobState.RUNNING)
    await house.cancel(job.id)
    done = await house.until(job, JobState.CANCELLED)
    await house.stop(worker)
    assert done.cancelled > 0


async def test_an_error_in_the_engine_is_tried_again_alone_and_then_reported(
    house: House, repertoire: Repertoire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> dict[int, int]:
        raise RuntimeError("the device is on fire")

    monkeypatch.setattr(Runner, "step", broken)
    job = await house.place(REQUEST)
    worker = house.worker()
    done = await house.until(job, JobState.FAILED)
    await house.stop(worker)
    assert done.error is not None
    assert (done.error.code, done.failed) == ("poison", 1)
    assert "the device is on fire" in done.error.detail


async def test_a_primer_that_the_vocabulary_cannot_write_fails_the_job(
    house: House, repertoire: Repertoire
) -> None:
    async with house.database.transaction() as connection:
        primer = await Primers(connection).add(house.owner, "0" * 64, [Note(0, 480, 5, 80)], 1)
    job = await house.place(REQUEST.model_copy(update={"primer_id": primer.id}))
    worker = house.worker()
    done = await house.until(job, JobState.FAILED)
    await house.stop(worker)
    assert done.error is not None
    assert (done.error.code, done.failed) == ("unplayable", 1)
    assert "primer" in done.error.detail


async def test_a_worker_keeps_playing_while_redis_is_away(house: House) -> None:
    job = await house.place(REQUEST)
    worker = house.worker(redis_url="redis://127.0.0.1:1/0")
    done = await house.until(job, JobState.SUCCEEDED)
    await house.stop(worker)
    assert done.succeeded == 1
