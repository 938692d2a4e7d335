"""3,000 melodies as one job, as a batch of lines, and as jobs of one melody.

All are accepted before the worker starts. The rate counts the time from the first to the last
committed melody.
"""

import json
from collections.abc import Callable, Iterator

from tests.benchmarks.queue.environment import MODEL, Environment
from tests.benchmarks.queue.jobs import post_batch, submit, wait_until_stored
from tests.benchmarks.queue.measurement import Measurement

MELODIES = 3000
ROUNDS = 2
BARS = 1
RATE = (
    "SELECT 1000 * count(*) / extract(epoch FROM max(created_at) - min(created_at)) FROM melodies"
)
JOBS_GOAL, BATCH_GOAL = 0.5, 0.9
ONE_JOB = f"one job of {MELODIES:,}"


def rows(environment: Environment) -> Iterator[Measurement]:
    """Measure each way in turns; the best of the rounds counts, because other load only slows."""
    ways: dict[str, Callable[[Environment], None]] = {
        ONE_JOB: _one_job,
        f"a batch of {MELODIES:,} lines": _batch,
        f"{MELODIES:,} jobs of one melody": _separate_jobs,
        f"{MELODIES:,} interactive jobs of one melody": _interactive_jobs,
    }
    goals = (None, BATCH_GOAL, JOBS_GOAL, None)
    rates = dict.fromkeys(ways, 0.0)
    for _ in range(ROUNDS):
        for name, submit_all in ways.items():
            rates[name] = max(rates[name], _rate(environment, submit_all))
    for (name, rate), goal in zip(rates.items(), goals, strict=True):
        yield Measurement(
            name=f"{name}, melodies/s",
            value=rate,
            baseline="" if name == ONE_JOB else ONE_JOB,
            baseline_value=None if name == ONE_JOB else rates[ONE_JOB],
            goal=goal,
            higher_is_better=True,
        )


def _rate(environment: Environment, submit_all: Callable[[Environment], None]) -> float:
    with environment.services("gateway", "dispatcher"):
        submit_all(environment)
        environment.stack.start("worker")
        wait_until_stored(environment, MELODIES)
        return environment.scalar(RATE) / 1000


def _one_job(environment: Environment) -> None:
    submit(environment.gateway, model=MODEL, bars=BARS, count=MELODIES, priority="batch")


def _batch(environment: Environment) -> None:
    lines = [{"model": MODEL, "bars": BARS, "custom_id": str(n)} for n in range(MELODIES)]
    post_batch(environment.gateway, lines)


def _separate_jobs(environment: Environment) -> None:
    _submit_each(environment, "batch")


def _interactive_jobs(environment: Environment) -> None:
    _submit_each(environment, "interactive")


def _submit_each(environment: Environment, priority: str) -> None:
    body = {"model": MODEL, "bars": BARS, "priority": priority}
    request = environment.gateway.post("/v1/generations", body)
    load = environment.gateway.send_all([request] * MELODIES)
    assert len({json.loads(body)["id"] for body in load.bodies}) == MELODIES
