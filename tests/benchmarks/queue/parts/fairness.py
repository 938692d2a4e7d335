"""One owner posts 40 requests of 64 melodies with 64 bars; another owner then posts two bars."""

import math
import time
from collections.abc import Iterator
from datetime import datetime

from tests.benchmarks.queue.environment import LARGE_MODEL, Environment
from tests.benchmarks.queue.jobs import get, submit
from tests.benchmarks.queue.measurement import Measurement

REQUESTS, MELODIES, BARS = 40, 64, 64
HEAD_START_SECONDS = 5
GOAL = 2.0
TIMEOUT_SECONDS = 120


def rows(environment: Environment) -> Iterator[Measurement]:
    """Measure when the second owner's job starts and ends."""
    with environment.services("gateway", "dispatcher", "worker"):
        for _ in range(REQUESTS):
            submit(environment.gateway, model=LARGE_MODEL, count=MELODIES, bars=BARS)
        time.sleep(HEAD_START_SECONDS)
        other = environment.gateway_of("another owner")
        job_id = submit(other, model=LARGE_MODEL, bars=2)
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while (job := get(other, job_id))["finished_at"] is None and time.monotonic() < deadline:
            time.sleep(0.1)
    for name, goal in (("started_at", GOAL), ("finished_at", None)):
        seconds = math.inf
        if job[name] is not None:
            waited = datetime.fromisoformat(job[name]) - datetime.fromisoformat(job["created_at"])
            seconds = waited.total_seconds()
        yield Measurement(
            name=f"two bars of a second owner beside {REQUESTS} requests of {MELODIES} x {BARS} "
            f"bars: until it is {name.removesuffix('_at')}, s",
            value=seconds,
            goal=goal,
        )
