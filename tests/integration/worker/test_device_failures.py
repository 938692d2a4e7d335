"""Failures of the device or of the process are the worker's; errors of a shard are the job's."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from sqlalchemy import text

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import GenerationJob, JobState
from services.worker import model_registry, model_reloader
from services.worker import worker as worker_module
from services.worker.engine.model_executor import ModelExecutor
from services.worker.engine.model_runner import ModelRunner
from shared.db.workers import Workers
from shared.models import backends
from tests.support.models import empty_registry
from tests.support.worker_jobs import WorkerFixture

REQUEST = GenerationRequest(model="mini", bars=2, seed=3)
_COUNTERS = text("SELECT crashes, failed_attempts, state FROM shards WHERE job_id = :job_id")


async def counters_of(workers: WorkerFixture, job: GenerationJob) -> tuple[int, int, str]:
    """The crashes and failed attempts of the only shard of a job, and its state."""
    async with workers.database.connection() as connection:
        row = (await connection.execute(_COUNTERS, {"job_id": job.id})).one()
    return row.crashes, row.failed_attempts, row.state


async def load_errors(workers: WorkerFixture) -> list[dict[str, str]]:
    """What the rows of the workers say."""
    async with workers.database.connection() as connection:
        return [row.load_errors for row in await Workers(connection).live()]


def fail_for_seed(
    monkeypatch: pytest.MonkeyPatch, seed: int, error: Callable[[], Exception]
) -> None:
    """Let every step fail that computes the sequence with a seed."""
    step = ModelRunner.step

    def fail(runner: ModelRunner, assignments: Any) -> Any:  # noqa: ANN401 - passed on
        if any(decoding.spec.seed == seed for _, decoding in assignments):
            raise error()
        return step(runner, assignments)

    monkeypatch.setattr(ModelRunner, "step", fail)


async def test_a_device_that_generates_nothing_fails_no_job_and_ends_the_worker(
    workers: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(ModelRunner, "step", lambda *_: 1 / 0)
        job = await workers.submit(REQUEST)
        worker = workers.start()
        await workers.wait_until_ended()
        assert await counters_of(workers, job) == (1, 0, "queued")
        await workers.drain(worker)
    assert "ZeroDivisionError" in str(worker.failure)
    assert {"mini": worker.failure} in await load_errors(workers)
    worker = workers.start()
    await workers.wait_for(job, JobState.SUCCEEDED)
    await workers.drain(worker)


async def test_a_device_error_of_one_shard_leaves_the_others_uncharged(
    workers: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shard that met it may be too large, so that it will run alone."""
    out_of_memory = torch.OutOfMemoryError("CUDA out of memory.")
    with monkeypatch.context() as broken:
        fail_for_seed(broken, 3, lambda: out_of_memory)
        other = await workers.submit(REQUEST.model_copy(update={"seed": 5, "bars": 24}))
        job = await workers.submit(REQUEST)
        worker = workers.start()
        await workers.wait_until_ended()
        await workers.drain(worker)
    assert await counters_of(workers, job) == (1, 0, "queued")
    assert await counters_of(workers, other) == (0, 0, "queued")
    worker = workers.start()
    for submitted in (job, other):
        await workers.wait_for(submitted, JobState.SUCCEEDED)
    await workers.drain(worker)


async def test_an_error_of_one_shard_that_repeats_fails_its_job_and_no_other(
    workers: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "MAX_BACKOFF_SECONDS", 0.1)
    fail_for_seed(monkeypatch, 3, lambda: ValueError("no such token"))
    other = await workers.submit(REQUEST.model_copy(update={"seed": 5}))
    job = await workers.submit(REQUEST)
    worker = workers.start()
    done = await workers.wait_for(job, JobState.FAILED)
    await workers.wait_for(other, JobState.SUCCEEDED)
    assert worker.failure is None
    await workers.drain(worker)
    assert done.error is not None
    assert (done.error.code, done.failed) == ("poison", 1)
    assert done.error.detail == (
        "A part of the job failed 3 times by itself: ValueError: no such token."
    )


async def test_a_full_disk_while_a_model_is_loaded_is_in_the_row_and_tried_again(
    workers: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = backends.load_checkpoint
    failures = [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))]

    def fail_once(folder: Path, device: torch.device) -> Any:  # noqa: ANN401 - passed on
        if failures:
            raise failures.pop()
        return load(folder, device)

    monkeypatch.setattr(model_registry, "load_checkpoint", fail_once)
    monkeypatch.setattr(model_reloader, "RETRY_SECONDS", 1.0)
    workers.registry = empty_registry(max_num_seqs=8)
    job = await workers.submit(REQUEST)
    worker = workers.start()
    seen = await workers.wait_for_row(lambda row: "No space" in str(row.load_errors))
    assert (list(seen.load_errors), seen.loaded_models) == (["mini"], {})
    await workers.wait_for(job, JobState.SUCCEEDED)
    await workers.drain(worker)
    assert await counters_of(workers, job) == (0, 0, "succeeded")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_the_shards_of_an_engine_whose_thread_died_are_queued_at_once(
    workers: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    exits: list[int] = []
    with monkeypatch.context() as broken:
        broken.setattr(ModelExecutor, "step", lambda *_: 1 / 0)
        broken.setattr(os, "_exit", exits.append)
        job = await workers.submit(REQUEST)
        worker = workers.start(lease_seconds=60)
        await workers.until(lambda: bool(exits))
        assert await counters_of(workers, job) == (1, 0, "queued")
        await workers.drain(worker)
    assert set(exits) == {1}
