"""New weights take the place of the old ones while two workers play on."""

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
from shared.db.models import Models
from shared.db.workers import WorkerRow, Workers
from shared.models.checkpoints import WEIGHTS, sha256_of
from tests.conftest import QUICK, client_of, start
from tests.public_folder import public_folder
from tests.repertoires import MINI_SHA256
from tests.wire import raw_http

REQUEST = GenerationRequest(model="mini", bars=4, count=2)


@pytest.fixture
def checkpoints() -> Iterator[Path]:
    """A folder to which a test may add weights."""
    with public_folder() as folder:
        shutil.copytree(Path(__file__).parents[2] / "checkpoints" / "mini", folder / "mini")
        yield folder


@pytest.fixture
def stack(checkpoints: Path) -> Iterator[Stack]:
    """Everything, and a second worker."""
    with public_folder() as folder, Stack(folder, checkpoints=checkpoints) as stack:
        start(stack)
        stack.start("worker-2", "worker", **QUICK)
        yield stack


def retrained(checkpoints: Path, name: str, *, broken: bool = False) -> str:
    """Other weights of mini in a folder of their own; their SHA-256."""
    folder = checkpoints / name
    shutil.copytree(checkpoints / "mini", folder)
    tensors = load_file(folder / WEIGHTS)
    for each in tensors.values():
        each.mul_(torch.nan if broken else 1.01)
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    card = json.loads((folder / "card.json").read_text())
    card["sha256"] = sha256_of(folder / WEIGHTS)
    (folder / "card.json").write_text(json.dumps(card))
    return str(card["sha256"])


async def workers_until(stack: Stack, holds: Callable[[WorkerRow], bool]) -> list[WorkerRow]:
    """The two workers, once both are as they should be."""
    database = Database(stack.database_url, pool_size=1)
    deadline = time.monotonic() + 60
    try:
        while True:
            async with database.transaction() as connection:
                alive = await Workers(connection).alive()
            if len(alive) == 2 and all(map(holds, alive)):
                return alive
            assert time.monotonic() < deadline, alive
            await asyncio.sleep(0.1)
    finally:
        await database.close()


async def registered(stack: Stack, sha256: str) -> None:
    """Wait until the trainer has found new weights."""
    database = Database(stack.database_url, pool_size=1)
    deadline = time.monotonic() + 60
    try:
        known: set[str] = set()
        while sha256 not in known:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
            async with database.transaction() as connection:
                known = {model.sha256 for model in await Models(connection).all()}
    finally:
        await database.close()


def refusals(stack: Stack) -> set[str]:
    """What `/metrics` says of weights that are not played."""
    with raw_http(stack) as http:
        lines = http.get("/metrics").text.splitlines()
    named = "ostinato_refused"
    return {line.removeprefix(named) for line in lines if line.startswith(named)}


async def test_fifty_jobs_run_through_a_promotion_and_none_fails(
    stack: Stack, checkpoints: Path
) -> None:
    await workers_until(stack, lambda worker: worker.resident == {"mini": MINI_SHA256})
    sha256 = retrained(checkpoints, "mini-again")
    await registered(stack, sha256)
    with client_of(stack) as client:
        assert {model.sha256 for model in client.models()} == {MINI_SHA256, sha256}
        jobs = [client.generate(REQUEST.model_copy(update={"seed": seed})) for seed in range(25)]
        assert client.promote("mini", sha256).promoted_at is not None
        jobs += [
            client.generate(REQUEST.model_copy(update={"seed": seed})) for seed in range(25, 50)
        ]
        done = [client.wait(job.id) for job in jobs]
        assert {job.state for job in done} == {JobState.SUCCEEDED}
        made = Counter(melody.model_sha256 for job in jobs for melody in client.melodies(job.id))
        assert made.total() == 100
        assert set(made) <= {MINI_SHA256, sha256}
        await workers_until(stack, lambda worker: worker.resident == {"mini": sha256})
        last = client.wait(client.generate(REQUEST.model_copy(update={"seed": 0})).id)
        assert {melody.model_sha256 for melody in client.melodies(last.id)} == {sha256}


async def test_weights_that_write_nothing_do_not_take_the_place_of_good_ones(
    stack: Stack, checkpoints: Path
) -> None:
    await workers_until(stack, lambda worker: worker.resident == {"mini": MINI_SHA256})
    sha256 = retrained(checkpoints, "mini-broken", broken=True)
    await registered(stack, sha256)
    with client_of(stack) as client:
        client.promote("mini", sha256)
        workers = await workers_until(stack, lambda worker: "mini" in worker.refused)
        assert all(worker.resident == {"mini": MINI_SHA256} for worker in workers)
        assert all("logits are no numbers" in worker.refused["mini"] for worker in workers)
        assert refusals(stack) == {f'{{model="mini",worker="{each.name}"}} 1.0' for each in workers}
        job = client.wait(client.generate(REQUEST).id)
        assert job.state is JobState.SUCCEEDED
        assert {melody.model_sha256 for melody in client.melodies(job.id)} == {MINI_SHA256}
        client.promote("mini", MINI_SHA256)
        await workers_until(stack, lambda worker: not worker.refused)
        assert refusals(stack) == set()


def test_what_nobody_has_trained_cannot_be_promoted(client: Client) -> None:
    with pytest.raises(ApiError, match="polka") as refused:
        client.promote("polka")
    assert (refused.value.status, refused.value.code) == (404, "model_not_found")
