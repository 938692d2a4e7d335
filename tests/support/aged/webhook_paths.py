"""What the dispatcher and clients do with webhooks, and what the end of a job adds."""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.account.webhooks import DeliveryState, WebhookRequest
from services.dispatcher.due_work import FIND_WORK
from shared.db.generation_jobs import GenerationJobs
from shared.db.job_queue.job_store import JobStore
from shared.db.webhooks.deliveries import WebhookDeliveries
from shared.db.webhooks.delivery_queue import (
    DELETE_LIMIT,
    TARGETS_PER_PAGE,
    AttemptResult,
    DeliveryQueue,
    Target,
)
from shared.db.webhooks.endpoints import Webhooks
from tests.support.aged.database import PROLIFIC
from tests.support.aged.hot_path import HotPath, World
from tests.support.aged.queue_paths import NEWEST, new_job, next_number
from tests.support.aged.webhook_rows import delivery_id

PAGE = 50
LEASE = timedelta(seconds=60)


async def _end_job(connection: AsyncConnection, number: int) -> None:
    """Cancel a job of an owner with a webhook."""
    job = await GenerationJobs(connection).create(new_job(f"owner-{number}", 1))
    await JobStore(connection).cancel(job.id)


async def _targets(connection: AsyncConnection, number: int) -> None:
    page = await DeliveryQueue(connection).targets(Target(f"owner-{number}", ""))
    assert len(page) == TARGETS_PER_PAGE


async def _claim(connection: AsyncConnection, number: int) -> None:
    queue = DeliveryQueue(connection)
    page = await queue.targets(Target(PROLIFIC, f"host-{number}"))
    due = [target for target, is_due in page if is_due][:16]
    assert len(await queue.claim(due, LEASE)) == len(due) == 16


async def _claimed(world: World) -> Any:  # noqa: ANN401 - `run` knows
    queue = DeliveryQueue(world.connection)
    page = await queue.targets(Target("owner-5", ""))
    due = [target for target, is_due in page if is_due][:1]
    [claimed] = await queue.claim(due, LEASE)
    return claimed


async def _end_attempt(connection: AsyncConnection, claimed: Any) -> None:  # noqa: ANN401
    result = AttemptResult(error="The answer was 500.")
    assert await DeliveryQueue(connection).end_attempt(claimed, result)


async def _delete_old(connection: AsyncConnection, _: None) -> None:
    async with connection.begin_nested() as savepoint:  # so that each run finds them
        assert await DeliveryQueue(connection).delete_old()
        await savepoint.rollback()


async def _create(connection: AsyncConnection, number: int) -> None:
    request = WebhookRequest(url="https://example.com")
    await Webhooks(connection).create(f"owner-{number}", request)


def _page(state: DeliveryState | None) -> HotPath:
    async def run(connection: AsyncConnection, _: None) -> None:
        page = await WebhookDeliveries(connection).page(
            PROLIFIC, before=delivery_id(NEWEST), limit=PAGE, state=state
        )
        assert len(page) == PAGE

    return HotPath(name=f"page of {state or 'all'} deliveries", max_rows=300, run=run)


async def _find_work(connection: AsyncConnection, _: None) -> None:
    found = await connection.execute(FIND_WORK, {"message_age": timedelta(seconds=1)})
    assert found.one().has_webhooks


DUE_PATHS = (HotPath(name="find due work", max_rows=50, run=_find_work),)
WEBHOOK_PATHS = (
    HotPath(name="end a job with webhooks", max_rows=300, prepare=next_number, run=_end_job),
    HotPath(name="targets of webhooks", max_rows=500, prepare=next_number, run=_targets),
    HotPath(name="claim deliveries", max_rows=1200, prepare=next_number, run=_claim),
    HotPath(name="end an attempt", max_rows=100, prepare=_claimed, run=_end_attempt),
    HotPath(name="delete old deliveries", max_rows=5 * DELETE_LIMIT, run=_delete_old),
    HotPath(name="create a webhook", max_rows=100, prepare=next_number, run=_create),
    *map(_page, (None, *DeliveryState)),
)
