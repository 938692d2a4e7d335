"""Looks in one statement for what the loops of the dispatcher have to do.

A loop waits for its event, so an idle dispatcher costs PostgreSQL one statement a second.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import text

from shared.db.database import Database

FIND_WORK = text("""
    SELECT
        EXISTS (
            SELECT FROM (SELECT created_at FROM outbox ORDER BY id LIMIT 1) AS oldest
            WHERE created_at < now() - CAST(:message_age AS interval)
        ) AS has_messages,
        EXISTS (
            SELECT FROM shards WHERE state = 'running' AND lease_expires_at < now()
        ) AS has_leases,
        EXISTS (
            SELECT FROM jobs WHERE deadline_at < now() AND deadline_at IS NOT NULL
                AND state IN ('queued', 'running', 'paused')
        ) AS has_deadlines,
        EXISTS (SELECT FROM deleted_jobs WHERE NOT is_purged) AS has_deletions,
        EXISTS (
            SELECT FROM webhook_deliveries WHERE state = 'pending' AND next_attempt_at <= now()
        ) AS has_webhooks
""")


class DueWork:
    """One event for each kind of work."""

    def __init__(self, database: Database, message_age: timedelta) -> None:
        """Messages of the outbox are due when they are older than `message_age`."""
        self.messages = asyncio.Event()
        self.leases = asyncio.Event()
        self.deadlines = asyncio.Event()
        self.deletions = asyncio.Event()
        self.webhooks = asyncio.Event()
        self._database = database
        self._message_age = message_age

    async def look(self) -> None:
        """Set the events of the work that is due.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        async with self._database.connection() as connection:
            found = (await connection.execute(FIND_WORK, {"message_age": self._message_age})).one()
        for event, is_due in (
            (self.messages, found.has_messages),
            (self.leases, found.has_leases),
            (self.deadlines, found.has_deadlines),
            (self.deletions, found.has_deletions),
            (self.webhooks, found.has_webhooks),
        ):
            if is_due:
                event.set()


def when_due(
    event: asyncio.Event, step: Callable[[], Awaitable[object]]
) -> Callable[[], Awaitable[None]]:
    """A step that waits until its work is due."""

    async def wait_and_step() -> None:
        """Wait for the event, then do the work."""
        await event.wait()
        event.clear()
        await step()

    return wait_and_step
