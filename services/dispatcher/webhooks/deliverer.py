"""Claims due deliveries in turn by owner and host, and attempts them.

Each step visits every owner and host with pending deliveries once, and claims at most one delivery
of each. So a receiver that does not answer, or an owner with many deliveries, delays no other one.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

from services.dispatcher.webhooks.event_body import build_body
from services.dispatcher.webhooks.schedule import RETRY_DELAYS, next_delay
from services.dispatcher.webhooks.sender import Outcome, WebhookSender
from shared.background import retry_until_available
from shared.db.database import Database
from shared.db.webhooks.delivery_queue import (
    FIRST_TARGET,
    TARGETS_PER_PAGE,
    AttemptResult,
    ClaimedDelivery,
    DeliveryQueue,
    Target,
)
from shared.errors import Unavailable

log = logging.getLogger(__name__)

MAX_ATTEMPTS_AT_ONCE = 64
MAX_PER_OWNER = 32
MAX_PER_HOST = 16
LEASE_PER_TIMEOUT = 3
"""A lease is so many times as long as an attempt may take, for the statements around it."""
DRAIN_SECONDS = 5.0
"""How long running attempts may take when the dispatcher ends; then they are released."""
GONE = 410


class Deliverer:
    """The attempts of this process."""

    def __init__(
        self,
        database: Database,
        sender: WebhookSender,
        wake: asyncio.Event,
        *,
        timeout_seconds: float,
        retry_delays: Sequence[timedelta] = RETRY_DELAYS,
    ) -> None:
        """`wake` is set when there may be another delivery to attempt.

        `timeout_seconds`: how long the sender waits for an answer.
        """
        self._database = database
        self._sender = sender
        self._lease_duration = timedelta(seconds=LEASE_PER_TIMEOUT * timeout_seconds)
        self._retry_delays = retry_delays
        self._running: dict[asyncio.Task[None], Target] = {}
        self._wake = wake

    async def step(self) -> None:
        """Start an attempt for every target that has a due delivery and no limit reached."""
        after = FIRST_TARGET
        while len(self._running) < MAX_ATTEMPTS_AT_ONCE:
            async with self._database.connection() as connection:
                page = await DeliveryQueue(connection).targets(after)
                chosen = self._choose(target for target, is_due in page if is_due)
                if chosen:
                    queue = DeliveryQueue(connection)
                    self._start(await queue.claim(chosen, self._lease_duration))
            if len(page) < TARGETS_PER_PAGE:
                return
            after = page[-1][0]

    def _choose(self, due: Iterable[Target]) -> list[Target]:
        """The targets for which another attempt can be started."""
        running = list(self._running.values())
        per_owner = Counter(target.owner for target in running)
        per_host = Counter(target.host for target in running)
        chosen: list[Target] = []
        for target in due:
            if len(running) + len(chosen) == MAX_ATTEMPTS_AT_ONCE:
                break
            owner, host = target
            if per_owner[owner] < MAX_PER_OWNER and per_host[host] < MAX_PER_HOST:
                chosen.append(target)
                per_owner[owner] += 1
                per_host[host] += 1
        return chosen

    def _start(self, claimed: Iterable[ClaimedDelivery]) -> None:
        for delivery in claimed:
            task = asyncio.create_task(self._attempt(delivery))
            self._running[task] = delivery.target
            task.add_done_callback(self._finish)
            self._wake.set()  # the target may have further deliveries

    def _finish(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._wake.set()

    async def _attempt(self, delivery: ClaimedDelivery) -> None:
        """Send a delivery and record the result."""
        try:
            result = await self._result(delivery)
        except Unavailable as error:  # nothing was sent; the lease expires
            log.warning("Delivery %s of a webhook waits: %s", delivery.id, error.detail)
            return
        except asyncio.CancelledError:
            async with self._database.connection() as connection:
                await DeliveryQueue(connection).release(delivery)
            raise

        async def record() -> None:
            """Write the result, and what it means for the webhook."""
            async with self._database.transaction() as connection:
                await DeliveryQueue(connection).end_attempt(delivery, result)

        await retry_until_available("The result of a webhook", record)
        if result.error is not None and result.delay is None:
            log.warning("Delivery %s of a webhook is a dead letter: %s", delivery.id, result.error)

    async def _result(self, delivery: ClaimedDelivery) -> AttemptResult:
        if delivery.secret is None:
            return AttemptResult(error="The webhook was deleted.")
        if delivery.disabled_reason is not None:
            return AttemptResult(error=f"The webhook is disabled: {delivery.disabled_reason}")
        outcome = await self._send(delivery, delivery.secret)
        if outcome.error is None:
            return AttemptResult(status=outcome.status)
        is_gone = outcome.status == GONE
        attempts = delivery.attempts + 1
        delay = next_delay(attempts, outcome.retry_after, self._retry_delays)
        return AttemptResult(
            status=outcome.status,
            error=outcome.error,
            delay=None if is_gone else delay,
            gone=is_gone,
        )

    async def _send(self, delivery: ClaimedDelivery, secret: str) -> Outcome:
        try:
            async with self._database.connection() as connection:
                body = await build_body(connection, delivery)
            return await self._sender.send(delivery.url, delivery.id, body, secret)
        except Unavailable:
            raise
        except Exception:  # a fault of this service, which must not end other attempts
            log.exception("Delivery %s of a webhook failed", delivery.id)
            return Outcome(error="The dispatcher failed; its log has the reason.")

    async def close(self) -> None:
        """Wait for running attempts for a short time, and release those that are left."""
        if not self._running:
            return
        _, left = await asyncio.wait(list(self._running), timeout=DRAIN_SECONDS)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
