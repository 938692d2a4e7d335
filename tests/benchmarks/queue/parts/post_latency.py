"""Latency of POST requests beside a batch of 5,000 melodies, at rising rates.

Latency counts from the time at which a request was due. A rate saturates the machine if its 99th
percentile exceeds the limit, or if requests end later than they are sent.
"""

from collections.abc import Iterator

import numpy as np

from tests.benchmarks.queue.environment import MODEL, Environment
from tests.benchmarks.queue.jobs import submit, wait_until_stored
from tests.benchmarks.queue.measurement import Measurement

MELODIES, BARS = 5000, 64
RATES = (12, 25, 50, 75, 100, 150, 200)
SECONDS = 8
CONNECTIONS = 32
GOAL_MS = 50.0
BODY = {"model": MODEL, "bars": 1}


def rows(environment: Environment) -> Iterator[Measurement]:
    """Measure the highest of `RATES`, and the highest one that does not saturate."""
    p99 = {rate: _p99(environment, rate) for rate in RATES}
    fine = [rate for rate in RATES if p99[rate] <= GOAL_MS]
    yield Measurement(
        name=f"POST at {RATES[-1]}/s beside a batch of {MELODIES:,}, p99, ms",
        value=p99[RATES[-1]],
        goal=GOAL_MS,
    )
    yield Measurement(
        name=f"highest rate of POST beside that batch with a p99 of at most {GOAL_MS:g} ms, per s",
        value=float(max(fine, default=0)),
    )
    highest = max(fine, default=RATES[0])
    yield Measurement(
        name=f"POST at {highest}/s beside that batch, p99, ms", value=p99[highest], goal=GOAL_MS
    )


def _p99(environment: Environment, rate: int) -> float:
    """Milliseconds, while a new batch runs."""
    with environment.services("gateway", "dispatcher", "worker"):
        submit(environment.gateway, model=MODEL, count=MELODIES, bars=BARS)
        wait_until_stored(environment, 1)
        load = environment.gateway.send_at_rate(
            environment.gateway.post("/v1/generations", BODY),
            per_second=rate,
            seconds=SECONDS,
            connections=CONNECTIONS,
        )
        if (
            environment.scalar(
                "SELECT count(*) FROM jobs WHERE num_items > 1 AND state = 'running'"
            )
            != 1
        ):
            raise RuntimeError("the batch ended before the load")
        return 1000 * float(np.percentile(load.latencies, 99))
