"""Memory of every process while a batch of 100,000 melodies is accepted and generated."""

import time
from collections.abc import Iterator

from tests.benchmarks.queue.environment import MODEL, Environment
from tests.benchmarks.queue.jobs import post_batch
from tests.benchmarks.queue.measurement import Measurement
from tests.benchmarks.queue.processes import private_bytes

LINES = 100_000
GOAL_MB = 100.0
LIMITED = ("gateway", "dispatcher")
POLL_SECONDS, TIMEOUT_SECONDS = 2.0, 3600
PROGRAMS = ("gateway", "dispatcher", "worker", "postgres", "valkey")


def rows(environment: Environment) -> Iterator[Measurement]:
    """Measure the growth from the idle stack to the highest value."""
    lines = [{"model": MODEL, "bars": 1, "custom_id": str(number)} for number in range(LINES)]
    with environment.services("gateway", "dispatcher", "worker"):
        time.sleep(5)
        pids = {name: environment.stack.process(name).pid for name in PROGRAMS}
        before = {name: private_bytes(pid) for name, pid in pids.items()}
        highest = dict(before)
        post_batch(environment.gateway, lines)
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while environment.scalar("SELECT count(*) FROM melodies") < LINES:
            if time.monotonic() > deadline:
                raise RuntimeError("the batch does not end")
            for name, pid in pids.items():
                highest[name] = max(highest[name], private_bytes(pid))
            time.sleep(POLL_SECONDS)
    for name in PROGRAMS:
        yield Measurement(
            name=f"growth of the {name} during a batch of {LINES:,} lines, MB",
            value=(highest[name] - before[name]) / 1e6,
            goal=GOAL_MB if name in LIMITED else None,
        )
