"""Deliveries as the dispatcher sees them: due, claimed and ended.

A claim is a lease: it moves the next attempt behind the time that an attempt may take, so that the
delivery of a dispatcher that dies is due again. `claims` is the fencing token of what is recorded.
Attempts are taken in turn by owner and host, so that one slow receiver does not delay the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.account.webhooks import WebhookEventType
from shared.db.webhooks.endpoints import Webhooks

TARGETS_PER_PAGE = 100
HISTORY_PERIOD = timedelta(days=30)
"""Deliveries are deleted so long after their end."""
DELETE_LIMIT = 1_000
"""Deliveries that one transaction deletes."""
_NEXT_TARGET = """
    SELECT owner, host, next_attempt_at FROM webhook_deliveries
    WHERE state = 'pending' AND (owner, host) > ({owner}, {host})
    ORDER BY owner, host, next_attempt_at LIMIT 1
"""
# Skips from the first entry of each owner and host in the index to that of the next one
_TARGETS = text(f"""
    WITH RECURSIVE targets AS (
        SELECT first.*, 1 AS number
        FROM ({_NEXT_TARGET.format(owner="CAST(:owner AS text)", host="CAST(:host AS text)")})
            AS first
        UNION ALL
        SELECT next.*, targets.number + 1 FROM targets CROSS JOIN LATERAL (
            {_NEXT_TARGET.format(owner="targets.owner", host="targets.host")}
        ) AS next
        WHERE targets.number < {TARGETS_PER_PAGE}
    )
    SELECT owner, host, next_attempt_at <= now() AS is_due FROM targets
""")  # noqa: S608 - the parts are constants
_CLAIM = text("""
    WITH due AS MATERIALIZED (
        SELECT delivery.id FROM unnest(CAST(:owners AS text[]), CAST(:hosts AS text[]))
            AS target (owner, host)
        CROSS JOIN LATERAL (
            SELECT id FROM webhook_deliveries
            WHERE state = 'pending' AND owner = target.owner AND host = target.host
                AND next_attempt_at <= now()
            ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
        ) AS delivery
    ), claimed AS (
        UPDATE webhook_deliveries AS delivery
        SET claims = claims + 1, next_attempt_at = now() + CAST(:lease AS interval)
        FROM due WHERE delivery.id = due.id
        RETURNING delivery.*
    )
    SELECT claimed.id, claimed.owner, claimed.host, claimed.url, claimed.webhook_id,
        claimed.job_id, claimed.type, claimed.claims, claimed.attempts, claimed.created_at,
        CASE WHEN claimed.webhook_id IS NULL THEN of_jobs.secret ELSE webhook.secret END AS secret,
        webhook.disabled_reason
    FROM claimed
    LEFT JOIN LATERAL (
        SELECT secret, disabled_reason FROM webhooks WHERE id = claimed.webhook_id
    ) AS webhook ON true
    LEFT JOIN LATERAL (
        SELECT secret FROM job_webhook_secrets WHERE owner = claimed.owner
    ) AS of_jobs ON true
""")
_RELEASE = text("""
    UPDATE webhook_deliveries SET next_attempt_at = now()
    WHERE id = :id AND claims = :claims AND state = 'pending'
""")
_END_ATTEMPT = text("""
    UPDATE webhook_deliveries
    SET claims = claims + 1, attempts = attempts + 1, state = CAST(:state AS text),
        last_status = CAST(:status AS integer), last_error = CAST(:error AS text),
        next_attempt_at = now() + CAST(:delay AS interval),
        ended_at = CASE WHEN CAST(:state AS text) <> 'pending' THEN now() END
    WHERE id = :id AND claims = :claims AND state = 'pending'
    RETURNING id
""")
_DELETE_OLD = text(f"""
    DELETE FROM webhook_deliveries WHERE id = ANY (ARRAY(
        SELECT id FROM webhook_deliveries
        WHERE ended_at IS NOT NULL AND ended_at < now() - CAST(:age AS interval)
        ORDER BY ended_at LIMIT {DELETE_LIMIT} FOR UPDATE SKIP LOCKED
    ))
""")  # noqa: S608 - the limit is a constant


class Target(NamedTuple):
    """An owner and a host that have pending deliveries."""

    owner: str
    host: str


FIRST_TARGET = Target("", "")
"""Before all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """A delivery that this process attempts, until its lease expires."""

    id: UUID
    target: Target
    url: str
    webhook_id: UUID | None
    job_id: UUID | None
    type: WebhookEventType
    claims: int
    attempts: int
    """Earlier attempts."""
    created_at: datetime
    secret: str | None
    """None if the webhook was deleted."""
    disabled_reason: str | None
    """Why nothing is sent to the webhook."""

    def __repr__(self) -> str:
        return f"ClaimedDelivery({self.id})"  # a log must not contain the secret


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptResult:
    """How an attempt has ended."""

    status: int | None = None
    """The HTTP status of the answer."""
    error: str | None = None
    """Why it failed; None if it succeeded."""
    delay: timedelta | None = None
    """How long to wait for the next attempt; None if there is none."""
    gone: bool = False
    """Whether the receiver wants no further events."""

    @property
    def state(self) -> str:
        """The new state of the delivery."""
        if self.error is None:
            return "delivered"
        return "dead" if self.delay is None else "pending"


class DeliveryQueue:
    """The deliveries that have not ended, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def targets(self, after: Target) -> list[tuple[Target, bool]]:
        """The next targets in their order, at most `TARGETS_PER_PAGE`, and whether one is due."""
        rows = await self._connection.execute(_TARGETS, after._asdict())
        return [(Target(row.owner, row.host), row.is_due) for row in rows]

    async def claim(
        self, targets: Sequence[Target], lease_duration: timedelta
    ) -> list[ClaimedDelivery]:
        """Claim the delivery of each target that has been due for longest."""
        rows = await self._connection.execute(
            _CLAIM,
            {
                "owners": [target.owner for target in targets],
                "hosts": [target.host for target in targets],
                "lease": lease_duration,
            },
        )
        return [
            ClaimedDelivery(
                id=row.id,
                target=Target(row.owner, row.host),
                url=row.url,
                webhook_id=row.webhook_id,
                job_id=row.job_id,
                type=WebhookEventType(row.type),
                claims=row.claims,
                attempts=row.attempts,
                created_at=row.created_at,
                secret=row.secret,
                disabled_reason=row.disabled_reason,
            )
            for row in rows
        ]

    async def release(self, delivery: ClaimedDelivery) -> None:
        """Give a claim back before its attempt has ended."""
        await self._connection.execute(_RELEASE, {"id": delivery.id, "claims": delivery.claims})

    async def end_attempt(self, delivery: ClaimedDelivery, result: AttemptResult) -> bool:
        """Record the result of an attempt; False if another process has claimed the delivery.

        A repetition, after a transaction whose reply was lost, changes nothing.
        """
        parameters = {
            "id": delivery.id,
            "claims": delivery.claims,
            "state": result.state,
            "status": result.status,
            "error": result.error,
            "delay": result.delay or timedelta(),
        }
        if await self._connection.scalar(_END_ATTEMPT, parameters) is None:
            return False
        webhook_id = delivery.webhook_id
        if webhook_id is not None and delivery.secret is not None:
            repository = Webhooks(self._connection)
            if result.error is None:
                await repository.record_success(webhook_id)
            else:
                await repository.record_failure(webhook_id, gone=result.gone)
        return True

    async def delete_old(self) -> bool:
        """Delete deliveries that ended long ago; returns whether there may be more of them."""
        deleted = await self._connection.execute(_DELETE_OLD, {"age": HISTORY_PERIOD})
        return deleted.rowcount >= DELETE_LIMIT
