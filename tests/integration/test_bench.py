"""A bench on the real PostgreSQL, with children that end in every way that there is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from ostinato.schemas.datasets import Dataset, DatasetState, ReadingRequest
from ostinato.schemas.jobs import JobState
from services.trainer.heartbeat import Heartbeat
from services.trainer.identity import Identity
from services.trainer.ipc.messages import Places
from services.trainer.jobs.dataset_import import ReadingTrade
from services.trainer.jobs.runner import Bench
from shared.db.database import Database
from shared.db.datasets import Datasets
from shared.db.job_store import Ledger
from shared.db.new_job import Order
from shared.ids import new_id
from shared.messages import Hint
from shared.outbox_publisher import Publisher
from tests.errands import REPORT
from tests.lessons import Class
from tests.runs import alive, runs_of, session_of

PLACES = Places(home=Path("home"), data=None, checkpoints=Path("checkpoints"), storage_url="blobs")


class Room:
    """A bench whose errands behave as their names say."""

    def __init__(self, lesson: Class, publisher: Publisher) -> None:
        self.lesson = lesson
        identity = Identity(id=lesson.worker_id, lease=timedelta(seconds=60))
        trade = ReadingTrade(lesson.database, PLACES)
        trade.queue = lesson.queue  # type: ignore[assignment]  # a queue of its own
        trade.module = "tests.errands"
        self.bench = Bench(trade, lesson.database, publisher, identity)
        self.heartbeat = Heartbeat(lesson.database, [self.bench], identity)

    async def hand_in(self, name: str) -> UUID:
        dataset = Dataset(
            id=new_id(), name=name, sha256="0", size=1, files=1, created_at=datetime.now(UTC)
        )
        request = ReadingRequest(name=name, sha256="0")
        async with self.lesson.database.transaction() as connection:
            await Datasets(connection).add(self.lesson.owner, dataset)
            order = Order(
                owner=self.lesson.owner,
                request=request,
                posted=request,
                queue=self.lesson.queue,
                job_id=dataset.id,
            )
            await Ledger(connection).enter(order)
        return dataset.id

    async def get(self, dataset_id: UUID) -> Dataset:
        async with self.lesson.database.transaction() as connection:
            return await Datasets(connection).get(dataset_id, self.lesson.owner)

    async def read(self, name: str) -> Dataset:
        dataset_id = await self.hand_in(name)
        await self.bench.fill()
        await until(lambda: self.is_read(dataset_id))
        return await self.get(dataset_id)

    async def is_read(self, dataset_id: UUID) -> bool:
        return (await self.get(dataset_id)).state is not DatasetState.READING

    async def state(self, job_id: UUID) -> JobState:
        async with self.lesson.database.transaction() as connection:
            return (await Ledger(connection).outline(job_id, self.lesson.owner)).state

    async def child_of(self, job_id: UUID) -> int:
        """The process that works on it, once there is one; while it begins it may have no name."""
        while True:
            if found := children_of(job_id):
                return found[0]
            await asyncio.sleep(0.02)


def children_of(job_id: UUID) -> list[int]:
    return runs_of(job_id, "tests.errands")


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    while True:
        if await is_so():
            return
        await asyncio.sleep(0.02)


async def holds(what: bool) -> bool:  # noqa: FBT001 - it is all that it is asked
    return what


@pytest.fixture
async def room(database: Database, publisher: Publisher) -> AsyncIterator[Room]:
    room = Room(Class(database), publisher)
    yield room
    await room.bench.close(0)


async def test_what_a_child_says_at_its_end_is_written_down(room: Room) -> None:
    assert (await room.read("describe")).report == REPORT
    error = (await room.read("refuse")).error
    assert error is not None
    assert (error.code, error.detail) == ("hopeless", "Bring something else.")


@pytest.mark.parametrize(
    ("way", "cause"),
    [("die", "exit code 3"), ("fill", "File too large"), ("swell", "MemoryError")],
)
async def test_a_child_that_dies_or_lacks_room_is_tried_again_and_is_poison_in_the_end(
    room: Room, way: str, cause: str
) -> None:
    error = (await room.read(way)).error
    assert error is not None
    assert error.code == "poison"
    assert cause in error.detail


async def test_one_errand_at_a_time_by_hint_or_without(room: Room) -> None:
    first = await room.hand_in("wait")
    [(shard_id, attempt)] = await room.lesson.waiting()
    await room.bench.offer(Hint(shard_id=shard_id, attempt=attempt))
    assert room.bench.errand is not None
    assert room.bench.errand.job_id == first
    second = await room.hand_in("describe")
    await room.bench.offer(Hint(shard_id=shard_id, attempt=attempt))
    await room.bench.fill()
    assert await room.state(second) is JobState.QUEUED
    async with room.lesson.database.transaction() as connection:
        await Ledger(connection).give_up(first)
    await room.heartbeat.watch()
    await until(lambda: room.is_read(second))
    assert await room.state(first) is JobState.CANCELLED


async def test_a_claim_that_somebody_else_has_ends_its_child_and_changes_nothing(
    room: Room,
) -> None:
    job_id = await room.hand_in("wait")
    await room.bench.fill()
    child = await room.child_of(job_id)
    await room.heartbeat.beat()
    assert alive({child})
    async with room.lesson.database.transaction() as connection:
        await connection.execute(
            text("UPDATE shards SET attempt = attempt + 1 WHERE job_id = :job"), {"job": job_id}
        )
    await room.heartbeat.beat()
    await until(lambda: holds(room.bench.errand is None))
    assert not alive({child})
    assert await room.state(job_id) is JobState.RUNNING


async def test_who_must_end_gives_its_errand_back_and_claims_no_more(room: Room) -> None:
    job_id = await room.hand_in("wait")
    await room.bench.fill()
    await room.child_of(job_id)
    await room.bench.close(60)
    assert room.bench.errand is None
    await room.bench.fill()
    errand = await room.lesson.claim()
    assert (errand.job_id, errand.attempt, errand.crashes) == (job_id, 2, 0)


async def test_a_child_that_does_not_stop_is_killed_with_all_that_it_started(room: Room) -> None:
    job_id = await room.hand_in("ignore")
    await room.bench.fill()
    child = await room.child_of(job_id)
    await until(lambda: holds(len(session_of(child)) > 1))
    processes = session_of(child)
    await room.bench.close(0)
    await until(lambda: holds(not alive(processes)))
    assert (await room.lesson.claim()).crashes == 0
