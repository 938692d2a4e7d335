"""Stores the metrics of this process in the database; the gateway serves them.

So a scrape of any gateway returns the metrics of all processes, and none but the gateways needs a
port. The rows also say which processes live.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from shared.background import run_periodically
from shared.db.database import Database
from shared.db.operations.process_metrics import REPORT_INTERVAL_SECONDS, ProcessMetrics
from shared.errors import Unavailable
from shared.ids import new_id
from shared.metrics.instruments import RECORDED
from shared.metrics.snapshots import take_snapshot
from shared.worker_identity import process_name

DEREGISTRATION_TIMEOUT_SECONDS = 1.0
"""A process that ends does not wait longer for PostgreSQL; its row becomes stale."""


class MetricReporter:
    """The metrics of one process."""

    def __init__(
        self, database: Database, service: str, measure: Callable[[], None] | None = None
    ) -> None:
        """`measure` is called before each report, to set the gauges."""
        self._database = database
        self._service = service
        self._measure = measure
        self._id = new_id()
        self._name = process_name()

    async def report(self) -> None:
        """Store the current values.

        Raises:
            Unavailable: PostgreSQL does not answer; the next report has the values.
        """
        if self._measure is not None:
            self._measure()
        samples = take_snapshot(RECORDED)
        async with self._database.connection() as connection:
            await ProcessMetrics(connection).report(self._id, self._service, self._name, samples)

    async def run(self) -> None:
        """Store the values periodically, until cancelled."""
        await run_periodically(REPORT_INTERVAL_SECONDS, "The report of metrics", self.report)

    async def deregister(self) -> None:
        """Delete the row before the process ends; without an answer it becomes stale."""
        with suppress(Unavailable, TimeoutError):
            async with (
                asyncio.timeout(DEREGISTRATION_TIMEOUT_SECONDS),
                self._database.connection() as connection,
            ):
                await ProcessMetrics(connection).deregister(self._id)


@asynccontextmanager
async def reporting(
    database: Database, service: str, measure: Callable[[], None] | None = None
) -> AsyncIterator[None]:
    """Report the metrics of this process during the block."""
    reporter = MetricReporter(database, service, measure)
    task = asyncio.create_task(reporter.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await reporter.deregister()
