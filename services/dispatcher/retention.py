"""Retention: deletes what has expired, and the rows of deleted jobs.

Every transaction deletes a bounded number of rows. A pass that is interrupted loses nothing: the
next one looks at the same rows again.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.jobs import JobKind
from services.dispatcher.settings import DispatcherSettings
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.operations.process_metrics import ProcessMetrics
from shared.db.operations.usage import DELETE_LIMIT, Usage
from shared.db.retention.expiry import (
    START,
    Cursor,
    JobLifetime,
    ended_jobs,
    expire_jobs,
    expire_primers,
    expire_tickets,
)
from shared.db.retention.job_deletion import (
    delete_old_records,
    finish_purge,
    purge,
    purge_beside_favourites,
    take_deleted_jobs,
)
from shared.db.trainer.trainers import Trainers
from shared.db.webhooks.delivery_queue import DeliveryQueue
from shared.db.workers import Workers

log = logging.getLogger(__name__)

STALE_WORKER_AGE = timedelta(days=1)
RETENTION_INTERVAL_SECONDS = 600.0


class Retention:
    """Deletes stale and expired rows."""

    def __init__(self, database: Database, settings: DispatcherSettings) -> None:
        self._database = database
        self._job_lifetimes = tuple(_job_lifetimes(settings))
        self._primer_days = settings.primer_lifetime_days

    async def step(self) -> None:
        """Delete all rows that are stale or expired now."""
        async with self._database.transaction() as connection:
            await Workers(connection).delete_stale(STALE_WORKER_AGE)
            await Trainers(connection).delete_stale(STALE_WORKER_AGE)
            await ProcessMetrics(connection).delete_stale(STALE_WORKER_AGE)
        for rule in self._job_lifetimes:
            await self._expire_jobs(rule)
        await self._expire_primers()
        for delete_some in (
            *(expire_tickets, delete_old_records),
            *(_delete_old_deliveries, _delete_old_usage),
        ):
            while True:
                async with self._database.transaction() as connection:
                    if not await delete_some(connection):
                        break

    async def _expire_jobs(self, rule: JobLifetime) -> None:
        cursor: Cursor | None = START
        while cursor is not None:
            async with self._database.connection() as connection:
                found, cursor = await ended_jobs(connection, rule, cursor)
            if not found:
                continue
            async with self._database.transaction() as connection:
                pinned = await expire_jobs(connection, found)
            if len(pinned) < len(found):
                log.info("%d jobs of kind %s have expired.", len(found) - len(pinned), rule.kind)
            await self._purge_beside_favourites(pinned)

    async def _purge_beside_favourites(self, job_ids: list[UUID]) -> None:
        while job_ids:
            async with self._database.transaction() as connection:
                if not await purge_beside_favourites(connection, job_ids):
                    return

    async def _expire_primers(self) -> None:
        cursor = None if self._primer_days is None else START
        while cursor is not None and self._primer_days is not None:
            async with self._database.transaction() as connection:
                lifetime = timedelta(days=self._primer_days)
                cursor = await expire_primers(connection, lifetime, cursor)


class Purge:
    """Deletes the rows and the event streams of deleted jobs."""

    def __init__(self, database: Database, streams: EventStreams) -> None:
        self._database = database
        self._streams = streams

    async def step(self) -> None:
        """Delete all that is left of the jobs that were deleted before now.

        Raises:
            Unavailable: PostgreSQL or Redis does not answer; the next step continues.
        """
        while True:
            async with self._database.transaction() as connection:
                job_ids = await take_deleted_jobs(connection)
                if not job_ids:
                    return
                if not await purge(connection, job_ids):
                    await self._streams.delete(job_ids)
                    await finish_purge(connection, job_ids)
                    log.info("The rows of %d deleted jobs are deleted.", len(job_ids))


def _job_lifetimes(settings: DispatcherSettings) -> Iterator[JobLifetime]:
    days_by_kind = {
        JobKind.GENERATION: settings.generation_lifetime_days,
        JobKind.BATCH: settings.generation_lifetime_days,
        JobKind.ENGRAVING: settings.engraving_lifetime_days,
        JobKind.EVALUATION: settings.evaluation_lifetime_days,
        JobKind.TRAINING: settings.training_lifetime_days,
    }
    for kind, days in days_by_kind.items():
        if days is not None:
            yield JobLifetime(kind=kind, lifetime=timedelta(days=days))
    failed = timedelta(days=settings.failed_job_lifetime_days)
    for kind in (JobKind.TRAINING, JobKind.EVALUATION, JobKind.DATASET_IMPORT):
        yield JobLifetime(kind=kind, lifetime=failed, only_unsuccessful=True)


async def _delete_old_deliveries(connection: AsyncConnection) -> bool:
    return await DeliveryQueue(connection).delete_old()


async def _delete_old_usage(connection: AsyncConnection) -> bool:
    return await Usage(connection).delete_old() == DELETE_LIMIT
