"""Faults: what may happen to the processes of a stack. Each has passed when its function returns.

A killed process is started again at once, as a supervisor does.
"""

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from functools import partial

from redis import Redis

from tests.support.servers.databases import run_statements
from tests.support.servers.small_disk import fill
from tests.support.servers.stacks import FAST_LEASES, RestorableStack

LEASE_SECONDS = float(FAST_LEASES["OSTINATO_LEASE_SECONDS"])
OUTAGE_SECONDS = 1.0
CLOCK_STEP_SECONDS = int(4 * LEASE_SECONDS)
Fault = Callable[[RestorableStack], None]


def kill_worker(stack: RestorableStack) -> None:
    stack.kill("worker")
    stack.restart("worker")


def stop_worker(stack: RestorableStack) -> None:
    """TERM: the worker drains, and releases what it cannot finish in time."""
    stack.restart("worker")


def kill_redis(stack: RestorableStack) -> None:
    stack.kill("valkey")
    time.sleep(OUTAGE_SECONDS)
    stack.restart("valkey")


def flush_redis(stack: RestorableStack) -> None:
    with Redis.from_url(stack.redis_url) as redis:
        redis.flushall()


def kill_postgres(stack: RestorableStack) -> None:
    stack.kill("postgres")
    time.sleep(OUTAGE_SECONDS)
    stack.restart("postgres")


def terminate_backends(stack: RestorableStack) -> None:
    """PostgreSQL ends all connections at once, as a fail-over does."""
    query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    asyncio.run(run_statements(stack.database_url, query))


def kill_gateway(stack: RestorableStack) -> None:
    stack.kill("gateway")
    stack.restart("gateway")
    stack.wait_ready()


def kill_dispatcher(stack: RestorableStack) -> None:
    stack.kill("dispatcher")
    stack.restart("dispatcher")


def freeze_worker_for_two_leases(stack: RestorableStack) -> None:
    """When it continues, another worker has claimed its shard."""
    stack.start("worker-2", "worker", **FAST_LEASES)
    stack.process("worker").signal(signal.SIGSTOP)
    time.sleep(2 * LEASE_SECONDS)
    stack.process("worker").signal(signal.SIGCONT)


def kill_one_of_two_workers(stack: RestorableStack) -> None:
    stack.start("worker-2", "worker", **FAST_LEASES)
    stack.kill("worker")


def clock_steps_forward(stack: RestorableStack) -> None:
    """Every lease expires at once."""
    stack.clock.step(CLOCK_STEP_SECONDS)


def clock_steps_back(stack: RestorableStack) -> None:
    """Every lease lasts longer, and what was to happen next is in the future again."""
    stack.clock.step(-CLOCK_STEP_SECONDS)


def fill_disk(stack: RestorableStack) -> None:
    """The disk of the jobs and melodies is full when the services go on, and for a while."""
    assert stack.filler is not None
    fill(stack.filler)
    # The test may have ended, and deleted the file, before the outage
    threading.Timer(OUTAGE_SECONDS, partial(stack.filler.unlink, missing_ok=True)).start()


FAULTS: tuple[Fault, ...] = (
    *(kill_worker, stop_worker, kill_redis, flush_redis, kill_postgres, terminate_backends),
    *(kill_gateway, kill_dispatcher, freeze_worker_for_two_leases, kill_one_of_two_workers),
    *(clock_steps_forward, clock_steps_back, fill_disk),
)
