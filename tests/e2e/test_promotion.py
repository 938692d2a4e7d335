"""Promoting weights while two workers are generating."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest
import torch

from deploy.local.stack import Stack
from ostinato.errors import ApiError
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from ostinato.schemas.models import PromotionState
from services.trainer.publishing.registration import register_all
from shared.db.database import Database
from shared.db.workers import WorkerRow, Workers
from tests.conftest import client_of
from tests.support.http_api import http_client
from tests.support.models import write_scaled
from tests.support.servers.stacks import FAST_LEASES

FIRST, SECOND = 0.99, 1.01
"""Factors of the weights of mini: close enough to 1 to generate music."""


class TwoWorkers:
    """A stack with a second worker, and a version whose weights a test replaces."""

    def __init__(self, stack: Stack, version: str) -> None:
        self.stack = stack
        self.version = version
        self.request = GenerationRequest(model=version, bars=4, count=2)
        self.database = Database(stack.database_url, pool_size=1)

    async def add_weights(self, factor: float) -> str:
        """Register the weights of mini times `factor`; returns their SHA-256."""
        sha256 = write_scaled(self.stack.checkpoints_dir, self.version, factor)
        cards = await register_all(self.database, self.stack.checkpoints_dir, None)
        assert sha256 in {card.sha256 for card in cards}
        return sha256

    async def wait_until(self, condition: Callable[[WorkerRow], bool]) -> list[WorkerRow]:
        """The two workers, as soon as the condition holds for both."""
        deadline = time.monotonic() + 60
        while True:
            async with self.database.transaction() as connection:
                live = await Workers(connection).live()
            if len(live) == 2 and all(map(condition, live)):
                return live
            assert time.monotonic() < deadline, live
            await asyncio.sleep(0.1)

    async def wait_until_refused(self) -> None:
        """Wait until the worker that refused weights of the version has recorded it."""
        rows = await self.wait_until(lambda _: True)
        while not any(self.version in row.load_errors for row in rows):
            rows = await self.wait_until(lambda _: True)

    async def wait_until_loaded(self, sha256: str) -> list[WorkerRow]:
        return await self.wait_until(
            lambda worker: worker.loaded_models.get(self.version) == sha256
        )


@pytest.fixture
async def workers(isolated_stack: Stack) -> AsyncIterator[TwoWorkers]:
    isolated_stack.start("worker-2", "worker", **FAST_LEASES)
    workers = TwoWorkers(isolated_stack, f"promoted-{uuid4()}")
    yield workers
    await workers.database.close()


def load_error_metrics(stack: Stack) -> set[str]:
    """The labels and values of the metric `ostinato_model_load_errors`."""
    with http_client(stack) as http:
        lines = http.get("/metrics").text.splitlines()
    name = "ostinato_model_load_errors"
    return {line.removeprefix(name) for line in lines if line.startswith(name + "{")}


async def test_none_of_fifty_jobs_fails_during_a_promotion(workers: TwoWorkers) -> None:
    first = await workers.add_weights(FIRST)
    await workers.wait_until_loaded(first)
    second = await workers.add_weights(SECOND)
    request, version = workers.request, workers.version
    with client_of(workers.stack) as client:
        found = {model.sha256 for model in client.models() if model.version == version}
        assert found == {first, second}
        jobs = [client.generate(request.model_copy(update={"seed": seed})) for seed in range(25)]
        requested = client.promote(version, second)
        assert requested.promotion is PromotionState.PENDING
        jobs += [
            client.generate(request.model_copy(update={"seed": seed})) for seed in range(25, 50)
        ]
        finished = [client.wait(job.id) for job in jobs]
        assert {job.state for job in finished} == {JobState.SUCCEEDED}
        melodies = Counter(
            melody.model_sha256 for job in jobs for melody in client.melodies(job.id)
        )
        assert melodies.total() == 100
        assert set(melodies) <= {first, second}
        await workers.wait_until_loaded(second)
        assert client.wait_for_promotion(requested).promotion is PromotionState.PROMOTED
        last = client.wait(client.generate(request.model_copy(update={"seed": 0})).id)
        assert {melody.model_sha256 for melody in client.melodies(last.id)} == {second}


async def test_weights_that_fail_the_self_test_are_not_served_after_a_restart_either(
    workers: TwoWorkers,
) -> None:
    valid = await workers.add_weights(FIRST)
    await workers.wait_until_loaded(valid)
    broken = await workers.add_weights(torch.nan)
    version = workers.version
    with client_of(workers.stack) as client:
        refused = client.wait_for_promotion(client.promote(version, broken))
        assert refused.promotion is PromotionState.REFUSED
        assert "logits are not finite" in str(refused.promotion_detail)
        await workers.wait_until_refused()
        assert any(f'model="{version}"' in line for line in load_error_metrics(workers.stack))
        for name in ("worker", "worker-2"):
            workers.stack.restart(name)
        await workers.wait_until_loaded(valid)
        job = client.wait(client.generate(workers.request).id)
        assert job.state is JobState.SUCCEEDED
        assert {melody.model_sha256 for melody in client.melodies(job.id)} == {valid}


async def test_workers_drop_a_demoted_version_until_it_is_promoted_again(
    workers: TwoWorkers,
) -> None:
    weights = await workers.add_weights(FIRST)
    await workers.wait_until_loaded(weights)
    version = workers.version
    with client_of(workers.stack) as client:
        job = client.generate(workers.request.model_copy(update={"bars": 64}))
        with pytest.raises(ApiError, match="Your unfinished jobs use"):
            client.demote(version)
        client.cancel(job.id)
        client.wait(job.id)
        assert client.demote(version).promotion is None
        await workers.wait_until(lambda worker: version not in worker.loaded_models)
        with pytest.raises(ApiError, match="is not promoted"):
            client.generate(workers.request)
        for name in ("trainer", "worker", "worker-2"):  # which register, and load, what is promoted
            workers.stack.restart(name)
        await workers.wait_until(lambda worker: "mini" in worker.loaded_models)
        await workers.wait_until(lambda worker: version not in worker.loaded_models)
        promoted = client.wait_for_promotion(client.promote(version))
        assert promoted.promotion is PromotionState.PROMOTED
        await workers.wait_until_loaded(weights)
        finished = client.wait(client.generate(workers.request).id)
        assert finished.state is JobState.SUCCEEDED
