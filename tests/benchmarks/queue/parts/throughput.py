"""Jobs per second that are accepted, and jobs per second that end, beside two peers.

The jobs of the peers do nothing. Ostinato is measured twice: its queue alone (submissions and
claims with commits of a melody that is not generated, in one process as in the peers), and whole:
POST requests, beside those to the minimal service, and jobs of one generated bar.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path

from ostinato.schemas.generations import GenerationRequest
from services.gateway.owner_submissions import OwnerSubmissions
from shared.broker.queues import Queue
from shared.db.database import Database
from shared.db.generation_shards import GenerationShards
from shared.db.job_queue.claims import start_jobs
from shared.db.job_queue.results import ShardResults, commit_results
from shared.db.new_job import NewJob
from tests.benchmarks.queue.environment import (
    BASELINES,
    MODEL,
    Environment,
    python_environment,
)
from tests.benchmarks.queue.jobs import wait_until_stored
from tests.benchmarks.queue.measurement import Measurement
from tests.benchmarks.queue.minimal import MINIMAL, minimal_service
from tests.support.jobs import melody, new_worker

JOBS = 3000
BODY = {"model": MODEL, "bars": 1, "priority": "batch"}
CONNECTIONS = 16
MELODIES_PER_CLAIM = 96
PEERS = {"procrastinate": "procrastinate_jobs.py", "Celery and Redis alone": "celery_jobs.py"}


def rows(environment: Environment) -> Iterator[Measurement]:
    """Measure both directions of each."""
    rates = dict(zip(("in", "out"), asyncio.run(_queue_alone(environment)), strict=True))
    posted, finished = _whole(environment)
    yield Measurement(
        name="jobs/s in, by POST",
        value=posted,
        baseline=MINIMAL,
        baseline_value=_posts_to_minimal_service(environment),
        higher_is_better=True,
    )
    for peer, script in PEERS.items():
        if not _is_installed(peer):
            continue
        peers = {direction: JOBS / _peer(environment, script, direction) for direction in rates}
        goal = 1.0 if peer == "procrastinate" else None
        for name, value, direction in (
            ("jobs/s in, the queue alone", rates["in"], "in"),
            ("jobs/s out, the queue alone", rates["out"], "out"),
            ("jobs/s in, by POST", posted, "in"),
            ("jobs/s out, with a generated bar each", finished, "out"),
        ):
            yield Measurement(
                name=name,
                value=value,
                baseline=peer,
                baseline_value=peers[direction],
                goal=goal,
                higher_is_better=True,
            )


def _is_installed(peer: str) -> bool:
    """Whether its package is there; the rows of a peer that could not be installed are missing."""
    package = peer.partition(" ")[0].lower()
    return PathFinder.find_spec(package, [str(BASELINES), *sys.path]) is not None


def _whole(environment: Environment) -> tuple[float, float]:
    """Jobs per second by POST, and jobs per second that a worker finishes."""
    with environment.services("gateway", "dispatcher"):
        request = environment.gateway.post("/v1/generations", BODY)
        load = environment.gateway.send_all([request] * JOBS, connections=CONNECTIONS)
        environment.stack.start("worker")
        wait_until_stored(environment, JOBS)
        first_to_last = "max(finished_at) - min(started_at)"
        statement = f"SELECT 1000 * count(*) / extract(epoch FROM {first_to_last}) FROM jobs"  # noqa: S608
        return JOBS / load.seconds, environment.scalar(statement) / 1000


def _posts_to_minimal_service(environment: Environment) -> float:
    """Jobs per second."""
    with environment.services("gateway"), minimal_service(environment) as minimal:
        environment.stack.stop("gateway")  # it has created the key
        request = minimal.target.post("/generations", BODY)
        load = minimal.target.send_all([request] * JOBS, connections=CONNECTIONS)
    return JOBS / load.seconds


async def _queue_alone(environment: Environment) -> tuple[float, float]:
    await environment.empty_database()
    database = Database(environment.stack.database_url, pool_size=CONNECTIONS)
    start = time.perf_counter()
    submissions = OwnerSubmissions(database, max_pending_melodies=2 * JOBS)
    numbers = iter(range(JOBS))
    await asyncio.gather(*(_submit(submissions, numbers) for _ in range(CONNECTIONS)))
    submitted = time.perf_counter()
    await _claim_and_commit(database)
    seconds = submitted - start, time.perf_counter() - submitted
    await database.close()
    return JOBS / seconds[0], JOBS / seconds[1]


async def _submit(submissions: OwnerSubmissions, numbers: Iterator[int]) -> None:
    for number in numbers:
        request = GenerationRequest(model=MODEL, bars=1, seed=number)
        new_job = NewJob(
            owner="benchmark", request=request, original_request=request, queue=Queue.BATCH
        )
        submission = await submissions.submit(new_job)
        assert submission.created_at is not None


async def _claim_and_commit(database: Database) -> None:
    """Claim all shards, and commit a melody for each."""
    worker = new_worker()
    while True:
        async with database.connection() as connection:
            shards = await GenerationShards(connection).claim(
                Queue.BATCH, [MODEL], worker=worker, max_items=MELODIES_PER_CLAIM
            )
            await start_jobs(connection, {shard.job_id for shard in shards})
        if not shards:
            return
        results = [
            ShardResults(shard=shard, melodies=[melody(shard, 0)], has_ended=True)
            for shard in shards
        ]
        async with database.transaction() as connection:
            await commit_results(connection, results)


def _peer(environment: Environment, script: str, direction: str) -> float:
    """Seconds of a peer for all jobs."""
    if direction == "in":
        environment.new_database("peer")
    database, redis = environment.stack.database_url, environment.stack.redis_url
    variables = {
        "DATABASE_URL": f"{database.replace('+asyncpg', '').rpartition('/')[0]}/peer",
        "REDIS_URL": f"{redis.rpartition('/')[0]}/9",
    }
    path = Path(__file__).parents[1] / "peers" / script
    completed = subprocess.run(
        [sys.executable, str(path), direction, str(JOBS)],
        env={**python_environment(), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if completed.returncode != 0:
        raise RuntimeError(f"{script}: {completed.stderr[-2000:]}")
    return float(completed.stdout.splitlines()[-1])
