"""Processor time per request of the gateway and of PostgreSQL, beside the minimal service.

Both get the same requests at the same rate, in turns. The publication of a new job's event is
included.
"""

import json
import time
from collections.abc import Iterator, Mapping
from statistics import median
from typing import NamedTuple

from tests.benchmarks.queue.environment import MODEL, Environment
from tests.benchmarks.queue.http_load import Target
from tests.benchmarks.queue.jobs import wait_until_ended
from tests.benchmarks.queue.measurement import Measurement
from tests.benchmarks.queue.minimal import MINIMAL, minimal_service
from tests.benchmarks.queue.processes import cpu_seconds

OSTINATO = "Ostinato"
POSTS_PER_SECOND, READS_PER_SECOND = 100, 200
SECONDS, WARM_UP_SECONDS, ROUNDS = 6, 2, 5
SETTLE_SECONDS = 0.5
"""Until the messages of the last requests are published."""
POST_GOALS = {"the gateway": 2.2, "PostgreSQL": 1.7}
READ_GOALS = {"the gateway": 2.2}
BODY = {"model": MODEL, "bars": 8}


class Contender(NamedTuple):
    """A server, and the request that it gets."""

    target: Target
    request: bytes
    pid: int


def rows(environment: Environment) -> Iterator[Measurement]:
    """Measure a POST, and reads of a job and of a MIDI file."""
    with (
        environment.services("gateway", "dispatcher", "worker"),
        minimal_service(environment) as minimal,
    ):
        gateway, floor = environment.gateway, minimal.target
        pids = environment.stack.process("gateway").pid, minimal.pid
        job_id = json.loads(gateway.send(gateway.post("/v1/generations", BODY)))["id"]
        wait_until_ended(gateway, job_id)
        melodies = json.loads(gateway.send(gateway.get(f"/v1/jobs/{job_id}/melodies")))
        melody_id = melodies["items"][0]["id"]
        environment.stack.stop("worker")
        environment.stack.stop("dispatcher")
        for name, ours, baseline, per_second, goals in (
            (
                "POST /v1/generations",
                gateway.post("/v1/generations", BODY),
                floor.post("/generations", BODY),
                POSTS_PER_SECOND,
                POST_GOALS,
            ),
            (
                "GET /v1/jobs/{id}",
                gateway.get(f"/v1/jobs/{job_id}"),
                floor.get(f"/jobs/{job_id}"),
                READS_PER_SECOND,
                READ_GOALS,
            ),
            (
                "GET /v1/melodies/{id}.mid",
                gateway.get(f"/v1/melodies/{melody_id}.mid"),
                floor.get(f"/melodies/{melody_id}.mid"),
                READS_PER_SECOND,
                READ_GOALS,
            ),
        ):
            contenders = {
                OSTINATO: Contender(gateway, ours, pids[0]),
                MINIMAL: Contender(floor, baseline, pids[1]),
            }
            yield from _compare(environment, name, contenders, per_second, goals)


def _compare(
    environment: Environment,
    name: str,
    contenders: Mapping[str, Contender],
    per_second: float,
    goals: Mapping[str, float],
) -> Iterator[Measurement]:
    costs: dict[tuple[str, str], list[float]] = {}
    for contender in contenders.values():
        contender.target.send_at_rate(
            contender.request, per_second=per_second, seconds=WARM_UP_SECONDS
        )
    for _ in range(ROUNDS):
        for contender_name, contender in contenders.items():
            cost = _cost(environment, contender, per_second)
            for part, value in cost.items():
                costs.setdefault((contender_name, part), []).append(value)
    for part in ("the gateway", "PostgreSQL"):
        yield Measurement(
            name=f"{name}: processor time of {part}, ms",
            value=median(costs[OSTINATO, part]),
            baseline=MINIMAL,
            baseline_value=median(costs[MINIMAL, part]),
            goal=goals.get(part),
        )


def _cost(environment: Environment, contender: Contender, per_second: float) -> dict[str, float]:
    """Milliseconds of processor time per request."""
    postgres = environment.postgres_pid()
    before = cpu_seconds(contender.pid), cpu_seconds(postgres)
    load = contender.target.send_at_rate(contender.request, per_second=per_second, seconds=SECONDS)
    time.sleep(SETTLE_SECONDS)
    after = cpu_seconds(contender.pid), cpu_seconds(postgres)
    number = len(load.latencies)
    return {
        "the gateway": 1000 * (after[0] - before[0]) / number,
        "PostgreSQL": 1000 * (after[1] - before[1]) / number,
    }
