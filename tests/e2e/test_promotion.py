"""Promoting weights while two workers are generating."""

import asyncio
import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from deploy.local.stack import Stack
from ostinato.client import Client
from ostinato.errors import ApiError
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from shared.db.database import Database
from shared.db.model_versions import ModelVersions
from shared.db.workers import WorkerRow, Workers
from shared.models.checkpoints import WEIGHTS, sha256_of
from tests.conftest import FAST_LEASES, client_of, start
from tests.support.http_api import http_client
from tests.support.models import MINI_SHA256
from tests.support.tmp import world_traversable_dir

REQUEST = GenerationRequest(model="mini", bars=4, count=2)


@pytest.fixture
def checkpoints() -> Iterator[Path]:
    """A checkpoints folder to which a test can add weights."""
    with world_traversable_dir() as folder:
        shutil.copytree(Path(__file__).parents[2] / "checkpoints" / "mini", folder / "mini")
        yield folder


@pytest.fixture
def stack(checkpoints: Path) -> Iterator[Stack]:
    """The whole stack, with a second worker."""
    with world_traversable_dir() as folder, Stack(folder, checkpoints_dir=checkpoints) as stack:
        start(stack)
        stack.start("worker-2", "worker", **FAST_LEASES)
        yield stack


def write_weights(checkpoints: Path, name: str, *, broken: bool = False) -> str:
    """Write different weights of mini to a new folder, and return their SHA-256."""
    folder = checkpoints / name
    shutil.copytree(checkpoints / "mini", folder)
    tensors = load_file(folder / WEIGHTS)
    for tensor in tensors.values():
        tensor.mul_(torch.nan if broken else 1.01)
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    card = json.loads((folder / "card.json").read_text())
    card["sha256"] = sha256_of(folder / WEIGHTS)
    (folder / "card.json").write_text(json.dumps(card))
    return str(card["sha256"])


async def workers_until(stack: Stack, condition: Callable[[WorkerRow], bool]) -> list[WorkerRow]:
    """The two workers, as soon as the condition holds for both."""
    database = Database(stack.database_url, pool_size=1)
    deadline = time.monotonic() + 60
    try:
        while True:
            async with database.transaction() as connection:
                live = await Workers(connection).live()
            if len(live) == 2 and all(map(condition, live)):
                return live
            assert time.monotonic() < deadline, live
            await asyncio.sleep(0.1)
    finally:
        await database.close()


async def wait_until_registered(stack: Stack, sha256: str) -> None:
    """Wait until the trainer has registered new weights."""
    database = Database(stack.database_url, pool_size=1)
    deadline = time.monotonic() + 60
    try:
        registered: set[str] = set()
        while sha256 not in registered:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
            async with database.transaction() as connection:
                versions = await ModelVersions(connection).list_versions()
            registered = {version.sha256 for version in versions}
    finally:
        await database.close()


def load_error_metrics(stack: Stack) -> set[str]:
    """The labels and values of the metric `ostinato_model_load_errors`."""
    with http_client(stack) as http:
        lines = http.get("/metrics").text.splitlines()
    name = "ostinato_model_load_errors"
    return {line.removeprefix(name) for line in lines if line.startswith(name + "{")}


async def test_none_of_fifty_jobs_fails_during_a_promotion(stack: Stack, checkpoints: Path) -> None:
    await workers_until(stack, lambda worker: worker.loaded_models == {"mini": MINI_SHA256})
    sha256 = write_weights(checkpoints, "mini-again")
    await wait_until_registered(stack, sha256)
    with client_of(stack) as client:
        assert {model.sha256 for model in client.models()} == {MINI_SHA256, sha256}
        jobs = [client.generate(REQUEST.model_copy(update={"seed": seed})) for seed in range(25)]
        assert client.promote("mini", sha256).promoted_at is not None
        jobs += [
            client.generate(REQUEST.model_copy(update={"seed": seed})) for seed in range(25, 50)
        ]
        finished = [client.wait(job.id) for job in jobs]
        assert {job.state for job in finished} == {JobState.SUCCEEDED}
        melodies = Counter(
            melody.model_sha256 for job in jobs for melody in client.melodies(job.id)
        )
        assert melodies.total() == 100
        assert set(melodies) <= {MINI_SHA256, sha256}
        await workers_until(stack, lambda worker: worker.loaded_models == {"mini": sha256})
        last = client.wait(client.generate(REQUEST.model_copy(update={"seed": 0})).id)
        assert {melody.model_sha256 for melody in client.melodies(last.id)} == {sha256}


async def test_weights_that_fail_the_self_test_do_not_replace_the_loaded_ones(
    stack: Stack, checkpoints: Path
) -> None:
    await workers_until(stack, lambda worker: worker.loaded_models == {"mini": MINI_SHA256})
    sha256 = write_weights(checkpoints, "mini-broken", broken=True)
    await wait_until_registered(stack, sha256)
    with client_of(stack) as client:
        client.promote("mini", sha256)
        workers = await workers_until(stack, lambda worker: "mini" in worker.load_errors)
        assert all(worker.loaded_models == {"mini": MINI_SHA256} for worker in workers)
        assert all("logits are not finite" in worker.load_errors["mini"] for worker in workers)
        assert load_error_metrics(stack) == {
            f'{{model="mini",worker="{worker.name}"}} 1.0' for worker in workers
        }
        job = client.wait(client.generate(REQUEST).id)
        assert job.state is JobState.SUCCEEDED
        assert {melody.model_sha256 for melody in client.melodies(job.id)} == {MINI_SHA256}
        client.promote("mini", MINI_SHA256)
        await workers_until(stack, lambda worker: not worker.load_errors)
        assert load_error_metrics(stack) == set()


def test_promoting_an_unknown_version_is_404(client: Client) -> None:
    with pytest.raises(ApiError, match="polka") as error:
        client.promote("polka")
    assert (error.value.status, error.value.code) == (404, "model_not_found")
