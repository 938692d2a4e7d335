"""More requests than the limits of a key allow: they are rejected before memory grows."""

from collections.abc import Iterator

from tests.benchmarks.queue.environment import MODEL, Environment
from tests.benchmarks.queue.measurement import Measurement
from tests.benchmarks.queue.processes import private_bytes

PER_SECOND, SECONDS, CONNECTIONS = 800, 30, 32
"""Twice the rate that a key may have, and more melodies than may be pending."""
MIN_REJECTED = 0.4
MAX_GROWTH_MB = 20.0
BODY = {"model": MODEL, "bars": 32, "count": 8}


def rows(environment: Environment) -> Iterator[Measurement]:
    """Measure a gateway with the default limits, and no worker that would empty the queue."""
    environment.empty()
    environment.stack.start("gateway")
    environment.stack.start("dispatcher")
    environment.stack.wait_ready(workers=0)
    try:
        gateway = environment.stack.process("gateway").pid
        request = environment.gateway.post("/v1/generations", BODY)
        environment.gateway.send(request)
        before = private_bytes(gateway)
        load = environment.gateway.send_at_rate(
            request, per_second=PER_SECOND, seconds=SECONDS, connections=CONNECTIONS
        )
        growth = private_bytes(gateway) - before
    finally:
        environment.stack.stop_services()
    yield Measurement(
        name=f"share of {PER_SECOND} POST/s of one key that is answered 429",
        value=load.num_rejected / len(load.latencies),
        goal=MIN_REJECTED,
        higher_is_better=True,
    )
    yield Measurement(
        name="growth of the gateway meanwhile, MB", value=growth / 1e6, goal=MAX_GROWTH_MB
    )
