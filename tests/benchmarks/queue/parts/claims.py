"""Latency of a claim for seven models, by the number of queued shards.

Each claim takes the shards of 32 melodies in one statement, as a worker does. It is rolled back, so
that the next one finds the same queue.
"""

import asyncio
import time
from collections.abc import Iterator
from statistics import median

from shared.db.database import Database
from shared.db.generation_shards import GenerationShards
from shared.db.job_queue.claims import start_jobs
from tests.benchmarks.queue.environment import Environment
from tests.benchmarks.queue.measurement import Measurement
from tests.support.aged.database import MODELS, Size, fill
from tests.support.jobs import new_worker

BASELINE, LENGTHS = 100, (0, 10_000, 100_000, 1_000_000)
ROUNDS, CLAIMS, WARM_UP = 5, 20, 10
MELODIES = 32
GOAL = 1.5


def rows(environment: Environment) -> Iterator[Measurement]:
    """Measure all lengths in turns, each on a database of its own."""
    urls = {length: _fill(environment, length) for length in (BASELINE, *LENGTHS)}
    seconds: dict[int, list[float]] = {length: [] for length in urls}
    for _ in range(ROUNDS):
        for length, url in urls.items():
            seconds[length] += asyncio.run(_measure(url, min(length, MELODIES)))
    for length in LENGTHS:
        yield Measurement(
            name=f"claim of {MELODIES} melodies with {length:,} queued shards, ms",
            value=1000 * median(seconds[length]),
            baseline=f"{BASELINE} queued",
            baseline_value=1000 * median(seconds[BASELINE]),
            goal=GOAL,
        )


def _fill(environment: Environment, length: int) -> str:
    """The URL of a database with so many queued shards."""
    url = environment.new_database(f"claims_{length}", with_tables=True)
    size = Size(
        finished_jobs=1000,
        melodies=1000,
        queued_shards=max(length, 1),
        running_shards=0 if length else 1,
        queued_batches=0,
        owners=max(length // 100, 10),
    )
    asyncio.run(fill(url, size))
    return url


async def _measure(url: str, expected: int) -> list[float]:
    database = Database(url, pool_size=1)
    seconds = [await _claim(database, expected) for _ in range(WARM_UP + CLAIMS)]
    await database.close()
    return seconds[WARM_UP:]


async def _claim(database: Database, expected: int) -> float:
    """Seconds of one claim."""
    async with database.transaction() as connection:
        start = time.perf_counter()
        shards = await GenerationShards(connection).claim(
            "batch", MODELS[1:], worker=new_worker(), max_items=MELODIES
        )
        if shards:
            await start_jobs(connection, {shard.job_id for shard in shards})
        seconds = time.perf_counter() - start
        await connection.rollback()
    if len(shards) != expected:
        raise RuntimeError(f"{len(shards)} shards were claimed instead of {expected}")
    return seconds
