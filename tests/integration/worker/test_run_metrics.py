"""A worker measures its jobs: wait, first note, commit; and reports while it lives."""

import os

import pytest

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from services.worker.engine.interface import EngineCounters
from shared.db.database import Database
from shared.db.operations.process_metrics import ProcessMetrics
from shared.metrics.instruments import RECORDED
from tests.support.worker_jobs import WorkerFixture

REQUEST = GenerationRequest(model="mini", bars=2, seed=3, count=2)
ONCE_PER_JOB = ("ostinato_queue_wait_seconds_count", "ostinato_first_note_seconds_count")
ONCE_PER_MELODY = ("ostinato_commit_lag_seconds_count", "ostinato_committed_items_total")


def total(series: str) -> float:
    """The sum over all labels."""
    samples = (sample for metric in RECORDED.collect() for sample in metric.samples)
    return sum(sample.value for sample in samples if sample.name == series)


async def test_each_job_and_melody_is_measured_once(workers: WorkerFixture) -> None:
    before = {series: total(series) for series in (*ONCE_PER_JOB, *ONCE_PER_MELODY)}
    job = await workers.submit(REQUEST)
    worker = workers.start()
    await workers.wait_for(job, JobState.SUCCEEDED)
    stats = worker._active.engine_stats()
    await workers.drain(worker)
    new = {series: total(series) - count for series, count in before.items()}
    assert new == dict.fromkeys(ONCE_PER_JOB, 1) | dict.fromkeys(ONCE_PER_MELODY, 2)
    assert sum(stats.steps_by_fill) == stats.steps
    assert 0 < stats.fill_sum < stats.steps
    assert 0 < total("ostinato_first_note_seconds_sum") < 60
    assert 0 < total("ostinato_commit_lag_seconds_sum") < 60


async def test_a_worker_reports_its_metrics_until_it_has_drained(
    workers: WorkerFixture, database: Database
) -> None:
    async def reported() -> list[float]:
        """The memory that each live worker of this process reported."""
        async with database.connection() as connection:
            rows = await ProcessMetrics(connection).live()
        return [
            value
            for row in rows
            if row.service == "worker" and row.name.startswith(f"{os.getpid()}@")
            for _, labels, value in row.samples["ostinato_device_memory_bytes"]
            if labels["kind"] == "used"
        ]

    worker = workers.start()
    await workers.wait_for(await workers.submit(REQUEST), JobState.SUCCEEDED)
    [used] = await reported()
    await workers.drain(worker)
    assert used > 10_000_000
    assert await reported() == []


@pytest.mark.parametrize(
    ("running", "slots", "group"), [(1, 64, 0), (6, 60, 0), (7, 60, 1), (64, 64, 9), (5, 8, 6)]
)
def test_steps_are_counted_by_the_part_of_the_slots_that_is_used(
    running: int, slots: int, group: int
) -> None:
    counters = EngineCounters()
    counters.count_fill(running, slots)
    assert counters.steps_by_fill.index(1) == group
    assert counters.fill_sum == running / slots
