"""Deadlines on the real PostgreSQL: what is late is given up, and nothing else."""

import asyncio

from ostinato.schemas.jobs import Job, JobState
from services.dispatcher.deadlines import Deadlines
from shared.db.database import Database
from shared.db.jobs import Jobs
from shared.outbox_publisher import Publisher
from tests.orders import Desk


async def accept(desk: Desk, count: int, deadline_seconds: int | None) -> Job:
    order = desk.order(count)
    late = order.request.model_copy(update={"deadline_seconds": deadline_seconds})
    changed = type(order)(
        owner=order.owner, request=late, posted=late, queue=order.queue, idempotency_key=None
    )
    async with desk.database.transaction() as connection:
        return await Jobs(connection).accept(changed)


async def test_what_is_late_is_given_up_and_keeps_what_it_has(
    database: Database, publisher: Publisher
) -> None:
    desk = Desk(database)
    late = await accept(desk, 130, 1)
    in_time = await accept(desk, 1, 3600)
    endless = await accept(desk, 1, None)
    first = await desk.claim()
    second = await desk.claim()
    assert await desk.finish(first)
    await asyncio.sleep(1.1)
    await Deadlines(database, publisher).step()
    assert (await desk.job(late.id)).state is JobState.CANCELLING
    assert await desk.finish(second, made=0), "its worker hears of it as of any cancel"
    ended = await desk.job(late.id)
    assert (ended.state, ended.succeeded, ended.cancelled) == (JobState.CANCELLED, 64, 66)
    for other in (in_time, endless):
        assert (await desk.job(other.id)).state is JobState.QUEUED
    await Deadlines(database, publisher).step()
