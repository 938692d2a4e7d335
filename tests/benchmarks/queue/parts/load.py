"""A thousand WebSockets and the highest rate of jobs that the machine holds, for a minute.

The WebSockets follow paused batches, which go on at the end: each must receive every event. The
rate is held if all of its jobs end within seconds of the last one.
"""

import asyncio
import time
from collections.abc import Iterator

import numpy as np

from tests.benchmarks.queue.environment import GATEWAY, MODEL, Environment
from tests.benchmarks.queue.followers import Followers
from tests.benchmarks.queue.http_load import Load, Target
from tests.benchmarks.queue.jobs import post_batch
from tests.benchmarks.queue.measurement import Measurement
from tests.benchmarks.queue.processes import private_bytes

NUM_SOCKETS = 1000
RATES = (200, 150, 100, 75, 50, 25, 10)
PROBE_SECONDS, SECONDS = 8, 60
BACKLOG_SECONDS = 2.0
CONNECTIONS = 32
MANY = "1000000"
SETTINGS = GATEWAY | {
    "OSTINATO_MAX_STREAMS_PER_OWNER": MANY,
    "OSTINATO_MAX_CONNECTIONS": MANY,
    "OSTINATO_MAX_CONNECTIONS_PER_ADDRESS": MANY,
}
BODY = {"model": MODEL, "bars": 2}
UNFINISHED = "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')"
LOST = "SELECT count(*) FROM jobs WHERE state <> 'succeeded' OR succeeded <> num_items"
MELODIES_AND_ITEMS = (
    "SELECT (SELECT coalesce(sum(num_items), 0) FROM jobs) - (SELECT count(*) FROM melodies)"
)


def rows(environment: Environment) -> Iterator[Measurement]:
    """Measure the load that is held."""
    environment.empty()
    environment.stack.start("gateway", **SETTINGS)
    environment.stack.start("dispatcher")
    environment.stack.wait_ready(workers=0)
    try:
        yield from asyncio.run(_load(environment))
    finally:
        environment.stack.stop_services()


async def _load(environment: Environment) -> list[Measurement]:
    target = environment.gateway
    batches = await asyncio.to_thread(_paused_batches, target)
    environment.stack.start("worker")
    environment.stack.wait_ready()
    gateway = environment.stack.process("gateway").pid
    async with Followers(target, batches) as followers:
        memory = private_bytes(gateway)
        rate = await asyncio.to_thread(_highest_rate, environment)
        load = await asyncio.to_thread(_send, target, rate, SECONDS)
        drained = await asyncio.to_thread(_wait_until_drained, environment)
        growth = private_bytes(gateway) - memory
        await asyncio.to_thread(_change, target, batches, "resume")
        await followers.wait_until_ended()
        followed = followers.followed
    lost_jobs, lost_melodies = await asyncio.to_thread(
        lambda: [environment.scalar(query) for query in (LOST, MELODIES_AND_ITEMS)]
    )
    milliseconds = 1000 * np.array(load.latencies)
    return [
        Measurement(
            name="open WebSockets", value=len(followed), goal=NUM_SOCKETS, higher_is_better=True
        ),
        Measurement(name=f"highest rate held beside them, jobs/s (of {RATES[0]})", value=rate),
        Measurement(name=f"jobs at that rate in {SECONDS} s", value=len(load.latencies)),
        Measurement(name="their POST, p50, ms", value=float(np.percentile(milliseconds, 50))),
        Measurement(name="their POST, p99, ms", value=float(np.percentile(milliseconds, 99))),
        Measurement(name="from the last of them until all had ended, s", value=drained),
        Measurement(name="lost jobs", value=lost_jobs, goal=0),
        Measurement(name="lost melodies", value=lost_melodies, goal=0),
        Measurement(name="missed events", value=sum(one.missed for one in followed), goal=0),
        Measurement(
            name="WebSockets without the end of their job",
            value=sum(one.final_state != "succeeded" for one in followed),
            goal=0,
        ),
        Measurement(
            name="opening a WebSocket, p99, ms",
            value=1000 * float(np.percentile([one.opened_in for one in followed], 99)),
        ),
        Measurement(name="growth of the gateway meanwhile, MB", value=growth / 1e6),
    ]


def _paused_batches(target: Target) -> list[str]:
    """The ids of paused batches of one melody, one for each WebSocket."""
    batches = [post_batch(target, [BODY | {"seed": seed}]) for seed in range(NUM_SOCKETS)]
    _change(target, batches, "pause")
    return batches


def _change(target: Target, batches: list[str], verb: str) -> None:
    target.send_all(
        [target.post(f"/v1/batches/{batch}/{verb}", {}) for batch in batches],
        connections=CONNECTIONS,
    )


def _highest_rate(environment: Environment) -> int:
    for rate in RATES:
        _send(environment.gateway, rate, PROBE_SECONDS)
        if _wait_until_drained(environment) <= BACKLOG_SECONDS:
            return rate
    return RATES[-1]


def _send(target: Target, rate: int, seconds: float) -> Load:
    request = target.post("/v1/generations", BODY)
    return target.send_at_rate(request, per_second=rate, seconds=seconds, connections=CONNECTIONS)


def _wait_until_drained(environment: Environment) -> float:
    """Seconds until no job is unfinished."""
    started = time.perf_counter()
    while environment.scalar(UNFINISHED):
        time.sleep(0.05)
    return time.perf_counter() - started
