"""Acceptance of a batch: its time, other requests meanwhile, and the first result."""

import json
import threading
import time
from collections.abc import Iterator

from tests.benchmarks.queue.environment import MODEL, Environment
from tests.benchmarks.queue.jobs import post_batch, wait_until_stored
from tests.benchmarks.queue.measurement import Measurement

LINES, HEALTH_PER_SECOND = 10_000, 50
ACCEPT_GOAL, HEALTH_GOAL_MS, FIRST_GOAL = 3.0, 50.0, 1.0
FIRST = "SELECT 1000 * extract(epoch FROM min(created_at)) FROM melodies"


def rows(environment: Environment) -> Iterator[Measurement]:
    """Measure a batch of lines with parameters of their own, on an idle stack."""
    lines = [{"model": MODEL, "bars": 1, "seed": n, "custom_id": f"line-{n}"} for n in range(LINES)]
    with environment.services("gateway", "dispatcher", "worker"):
        health: list[float] = []
        accepted = threading.Event()
        prober = threading.Thread(target=_probe, args=(environment, health, accepted))
        prober.start()
        time.sleep(1)
        start = time.perf_counter()
        post_batch(environment.gateway, lines)
        seconds, accepted_at = time.perf_counter() - start, time.time()
        accepted.set()
        prober.join()
        wait_until_stored(environment, 1)
        first = environment.scalar(FIRST) / 1000 - accepted_at
    size = len(json.dumps(lines)) / 1e6
    yield Measurement(
        name=f"acceptance of a batch of {LINES:,} lines ({size:.1f} MB), s",
        value=seconds,
        goal=ACCEPT_GOAL,
    )
    yield Measurement(
        name="longest GET /healthz meanwhile, ms", value=1000 * max(health), goal=HEALTH_GOAL_MS
    )
    yield Measurement(name="from acceptance to its first melody, s", value=first, goal=FIRST_GOAL)


def _probe(environment: Environment, health: list[float], accepted: threading.Event) -> None:
    request = environment.gateway.get("/healthz")
    while not accepted.is_set():
        load = environment.gateway.send_at_rate(
            request, per_second=HEALTH_PER_SECOND, seconds=0.5, connections=1
        )
        health += load.latencies
