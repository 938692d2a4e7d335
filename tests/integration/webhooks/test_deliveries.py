"""Webhooks from the end of a job to a real receiver, with a real PostgreSQL."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from ostinato.schemas.account.webhooks import DeliveryState, WebhookEventType
from services.dispatcher.webhooks import deliverer
from services.dispatcher.webhooks.deliverer import MAX_PER_HOST, Deliverer
from services.dispatcher.webhooks.sender import WebhookSender
from shared.db.database import Database
from shared.db.webhooks.deliveries import WebhookDeliveries
from shared.db.webhooks.delivery_queue import (
    FIRST_TARGET,
    AttemptResult,
    ClaimedDelivery,
    DeliveryQueue,
    Target,
)
from shared.db.webhooks.endpoints import Webhooks
from shared.errors import Conflict
from tests.integration.webhooks.conftest import SOON, TIMEOUT_SECONDS, WebhookFixture, next_of
from tests.support.servers.retention import retention
from tests.support.servers.webhook_receiver import WebhookReceiver

EXPIRED = timedelta(seconds=-1)


async def test_the_end_of_a_job_is_delivered_signed(
    fixture: WebhookFixture, receiver: WebhookReceiver
) -> None:
    webhook = await fixture.create_webhook(receiver.url)
    job = await fixture.end_job()
    await fixture.deliver()
    [delivery] = await fixture.deliveries()
    request = receiver.next()
    assert request.verify(webhook.secret) == {
        "type": "job.succeeded",
        "timestamp": delivery.model_dump(mode="json")["created_at"],
        "data": {"kind": "generation", **job.model_dump(mode="json")},
    }
    assert (request.path, request.id) == ("/ostinato", str(delivery.id))
    outcome = (delivery.state, delivery.attempts, delivery.last_status)
    assert outcome == (DeliveryState.DELIVERED, 1, 204)
    assert (delivery.webhook_id, delivery.job_id) == (webhook.id, job.id)
    await fixture.deliver()
    assert receiver.received.empty()


async def test_only_the_chosen_events_of_the_owner_are_delivered(
    fixture: WebhookFixture, receiver: WebhookReceiver
) -> None:
    await fixture.create_webhook(receiver.url, events=["job.cancelled", "job.expired"])
    await fixture.end_job()
    other = WebhookFixture(fixture.database)
    await other.cancel((await other.create()).id)
    cancelled = await fixture.create()
    await fixture.cancel(cancelled.id)
    [delivery] = await fixture.deliveries()
    assert (delivery.type, delivery.job_id) == (WebhookEventType.JOB_CANCELLED, cancelled.id)


async def test_a_failed_delivery_is_repeated_until_it_is_a_dead_letter(
    fixture: WebhookFixture, receiver: WebhookReceiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    webhook = await fixture.create_webhook(receiver.url)
    await fixture.end_job()
    receiver.answers = [(500, {})] * 2
    for state in (DeliveryState.PENDING, DeliveryState.DEAD):
        await fixture.deliver(retry_delays=SOON[:1])
        [delivery] = await fixture.deliveries()
        assert delivery.state == state
        assert delivery.last_error == "The answer was 500."
    assert await fixture.deliveries(DeliveryState.DEAD) == [delivery]
    assert await fixture.deliveries(DeliveryState.PENDING) == []
    assert (await fixture.webhook(webhook.id)).failing_since is not None

    async with fixture.database.transaction() as connection:
        repository = WebhookDeliveries(connection)
        due = await repository.redeliver(delivery.id, fixture.owner)
        assert (due.state, due.attempts) == (DeliveryState.PENDING, 0)
        with pytest.raises(Conflict, match="pending"):
            await repository.redeliver(delivery.id, fixture.owner)
    await fixture.deliver()
    [delivery] = await fixture.deliveries()
    outcome = (delivery.state, delivery.attempts, delivery.last_error)
    assert outcome == (DeliveryState.DELIVERED, 1, None)
    requests = [receiver.next() for _ in range(3)]
    assert {request.id for request in requests} == {str(delivery.id)}
    assert len({request.body for request in requests}) == 1
    assert (await fixture.webhook(webhook.id)).failing_since is None
    assert "dead letter" in caplog.text
    assert webhook.secret not in caplog.text


async def test_a_retry_waits_as_the_receiver_asks(
    fixture: WebhookFixture, receiver: WebhookReceiver
) -> None:
    await fixture.create_webhook(receiver.url)
    await fixture.end_job()
    receiver.answers = [(429, {"Retry-After": "3600"})]
    await fixture.deliver()
    wait = "SELECT next_attempt_at - now() FROM webhook_deliveries WHERE owner = :owner"
    async with fixture.database.connection() as connection:
        seconds = (await connection.scalar(text(wait), {"owner": fixture.owner})).total_seconds()
    assert 3500 < seconds <= 3600


@pytest.mark.parametrize(
    ("status", "failing_for", "reason"),
    [
        (410, "0 days", "The receiver has answered 410 Gone."),
        (500, "5 days 1 second", "No attempt has succeeded for 5 days."),
    ],
)
async def test_a_webhook_is_disabled_with_the_reason(
    fixture: WebhookFixture, receiver: WebhookReceiver, status: int, failing_for: str, reason: str
) -> None:
    webhook = await fixture.create_webhook(receiver.url)
    await fixture.end_job()
    await fixture.end_job()
    statement = (
        "UPDATE webhooks SET failing_since = now() - CAST(CAST(:age AS text) AS interval) "
        "WHERE owner = :owner"
    )
    async with fixture.database.transaction() as connection:
        await connection.execute(text(statement), {"age": failing_for, "owner": fixture.owner})
    receiver.answers = [(status, {})]
    await fixture.deliver(retry_delays=())
    disabled = await fixture.webhook(webhook.id)
    assert disabled.disabled_at is not None
    assert disabled.disabled_reason == reason
    await fixture.end_job()
    await fixture.deliver()  # the second delivery is not sent any more
    assert len(await fixture.deliveries()) == 2
    assert (await fixture.deliveries(DeliveryState.PENDING)) == []
    assert receiver.received.qsize() == 1

    async with fixture.database.transaction() as connection:
        enabled = await Webhooks(connection).enable(webhook.id, fixture.owner)
    assert (enabled.disabled_at, enabled.failing_since) == (None, None)
    await fixture.end_job()
    await fixture.deliver()
    assert (await fixture.deliveries())[-1].state is DeliveryState.DELIVERED


async def test_nothing_is_sent_to_a_deleted_webhook(
    fixture: WebhookFixture, receiver: WebhookReceiver
) -> None:
    webhook = await fixture.create_webhook(receiver.url)
    await fixture.end_job()
    async with fixture.database.transaction() as connection:
        await Webhooks(connection).delete(webhook.id, fixture.owner)
    await fixture.deliver()
    [delivery] = await fixture.deliveries()
    assert (delivery.state, delivery.last_error) == (DeliveryState.DEAD, "The webhook was deleted.")
    assert receiver.received.empty()


async def test_an_event_of_a_deleted_job_has_its_id_and_state(
    fixture: WebhookFixture, receiver: WebhookReceiver
) -> None:
    webhook = await fixture.create_webhook(receiver.url)
    job = await fixture.end_job()
    async with fixture.database.transaction() as connection:
        await connection.execute(text("DELETE FROM jobs WHERE id = :id"), {"id": job.id})
    await fixture.deliver()
    event = receiver.next().verify(webhook.secret)
    assert event["data"] == {"id": str(job.id), "state": "succeeded"}


async def claim(database: Database, target: Target, lease: timedelta) -> list[ClaimedDelivery]:
    async with database.connection() as connection:
        return await DeliveryQueue(connection).claim([target], lease)


async def test_the_delivery_of_a_dispatcher_that_died_is_claimed_again(
    fixture: WebhookFixture, receiver: WebhookReceiver
) -> None:
    await fixture.create_webhook(receiver.url)
    await fixture.end_job()
    target = Target(fixture.owner, "127.0.0.1")
    [lost] = await claim(fixture.database, target, EXPIRED)
    [claimed] = await claim(fixture.database, target, timedelta(seconds=60))
    assert claimed.id == lost.id
    assert await claim(fixture.database, target, EXPIRED) == [], "the lease is valid"
    async with fixture.database.transaction() as connection:
        queue = DeliveryQueue(connection)
        assert not await queue.end_attempt(lost, AttemptResult(error="late", delay=timedelta()))
        failure = AttemptResult(error="The answer was 500.", status=500, delay=timedelta())
        assert await queue.end_attempt(claimed, failure)
        assert not await queue.end_attempt(claimed, failure), "it was recorded before"
    await fixture.deliver()
    [delivery] = await fixture.deliveries()
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 2)


async def test_a_receiver_that_does_not_answer_delays_no_other_one(
    fixture: WebhookFixture, receiver: WebhookReceiver
) -> None:
    with WebhookReceiver() as slow:
        slow.may_answer.clear()
        webhook = await fixture.create_webhook(slow.url.replace("127.0.0.1", "localhost"))
        for _ in range(2 * MAX_PER_HOST):
            await fixture.add_test(webhook)
        other = await fixture.create_webhook(receiver.url)
        await fixture.add_test(other)
        wake = asyncio.Event()
        sender = WebhookSender(timeout_seconds=TIMEOUT_SECONDS, allow_local=True)
        busy = Deliverer(fixture.database, sender, wake, timeout_seconds=TIMEOUT_SECONDS)
        wake.set()
        while wake.is_set():  # until each target has reached a limit or has nothing left
            wake.clear()
            await busy.step()
        event = (await next_of(receiver)).verify(other.secret)
        assert (event["type"], event["data"]) == ("webhook.test", {"webhook_id": str(other.id)})
        for _ in range(MAX_PER_HOST):
            await next_of(slow)
        assert slow.received.empty()
        slow.may_answer.set()
        await busy.close()
        await sender.close()
        assert len(await fixture.deliveries(DeliveryState.DELIVERED)) == MAX_PER_HOST + 1


async def test_every_target_is_visited_page_by_page(database: Database) -> None:
    owner = uuid4().hex
    statement = text("""
        INSERT INTO webhook_deliveries (owner, host, url, type)
        SELECT :owner, 'host-' || lpad(n::text, 3, '0'), '', 'webhook.test'
        FROM generate_series(1, 150) AS n, generate_series(1, 3)
    """)
    async with database.transaction() as connection:
        await connection.execute(statement, {"owner": owner})
        queue, found, after = DeliveryQueue(connection), [], FIRST_TARGET
        while page := await queue.targets(after):
            found += [target.host for target, is_due in page if is_due and target.owner == owner]
            after = page[-1][0]
        assert found == [f"host-{number:03}" for number in range(1, 151)]
        await connection.execute(
            text("DELETE FROM webhook_deliveries WHERE owner = :owner"), {"owner": owner}
        )


async def test_old_deliveries_are_deleted_and_pending_ones_kept(
    fixture: WebhookFixture, receiver: WebhookReceiver
) -> None:
    await fixture.create_webhook(receiver.url)
    for _ in range(2):
        await fixture.end_job()
        await fixture.deliver()
    await fixture.end_job()
    old, recent, pending = await fixture.deliveries()
    statement = "UPDATE webhook_deliveries SET {} = now() - interval '31 days' WHERE id = :id"
    async with fixture.database.transaction() as connection:
        await connection.execute(text(statement.format("ended_at")), {"id": old.id})
        await connection.execute(text(statement.format("created_at")), {"id": pending.id})
    await retention(fixture.database).step()
    assert [one.id for one in await fixture.deliveries()] == [recent.id, pending.id]


async def test_an_attempt_that_outlasts_the_dispatcher_is_released(
    fixture: WebhookFixture, receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fixture.create_webhook(receiver.url)
    await fixture.end_job()
    receiver.may_answer.clear()
    sender = WebhookSender(timeout_seconds=TIMEOUT_SECONDS, allow_local=True)
    ending = Deliverer(fixture.database, sender, asyncio.Event(), timeout_seconds=TIMEOUT_SECONDS)
    await ending.step()
    interrupted = await next_of(receiver)
    monkeypatch.setattr(deliverer, "DRAIN_SECONDS", 0)
    await ending.close()
    await sender.close()
    monkeypatch.undo()
    receiver.may_answer.set()
    await fixture.deliver()  # at once, not after the lease
    assert receiver.next().id == interrupted.id
    [delivery] = await fixture.deliveries()
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 1)
