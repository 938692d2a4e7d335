"""Checks of what the processes of a stack have written to the database."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from deploy.diagnosis.finding import Finding, failed, ok, warning
from shared.db.job_queue.leases import ShardLeases
from shared.db.model_versions import ModelVersions
from shared.db.operations.process_metrics import LIVENESS_TIMEOUT, ProcessMetrics
from shared.db.outbox import Outbox
from shared.db.workers import WorkerRow, Workers

ALIVE_SECONDS = LIVENESS_TIMEOUT.total_seconds()
FORGOTTEN_SECONDS = 900.0
"""A process that died longer ago is not mentioned: another one has replaced it."""
MAX_OUTBOX_LAG_SECONDS = 30.0
"""As in the health check of the dispatcher."""
OVERDUE_LEASE = timedelta(seconds=60)
"""The reaper needs a second, and some more after an outage of PostgreSQL."""


async def gateway(connection: AsyncConnection) -> Finding:
    """The processes that serve the API."""
    return await _processes(connection, "gateway", "no request is served")


async def dispatcher(connection: AsyncConnection) -> Finding:
    """The process that relays, requeues, and enforces deadlines."""
    consequence = "expired leases are not requeued, and deadlines are not enforced"
    return await _processes(connection, "dispatcher", consequence)


async def worker(connection: AsyncConnection) -> Finding:
    """The processes that generate."""
    return await _processes(connection, "worker", "jobs are accepted and wait")


async def trainer(connection: AsyncConnection) -> Finding:
    """The process that trains, imports, evaluates and engraves."""
    consequence = "trainings, imports, evaluations and engravings wait"
    return await _processes(connection, "trainer", consequence)


async def _processes(connection: AsyncConnection, service: str, consequence: str) -> Finding:
    """Whether processes of a service report, and which have stopped without saying so."""
    ages = [age for age in await ProcessMetrics(connection).ages() if age.service == service]
    alive = [age for age in ages if age.seconds <= ALIVE_SECONDS]
    silent = [age for age in ages if ALIVE_SECONDS < age.seconds <= FORGOTTEN_SECONDS]
    seen = ", ".join(f"{age.name} {age.seconds:.0f} s ago" for age in silent)
    if not alive:
        last = f"; seen last: {seen}" if silent else ""
        return failed(
            f"none is running{last}. Until one is started (python -m services.{service}), "
            f"{consequence}."
        )
    running = f"{len(alive)} running"
    if silent:
        return warning(
            f"{running}; {seen} became silent: it was killed, or it hangs. If it still runs, end it"
        )
    return ok(running)


async def models(connection: AsyncConnection) -> Finding:
    """Whether workers serve the promoted weights of every version, and why not."""
    promoted = await ModelVersions(connection).promoted_weights()
    workers = await Workers(connection).live()
    problems = [
        problem
        for version, sha256 in promoted.items()
        if (problem := _model_problem(version, sha256, workers)) is not None
    ]
    if not promoted:
        return failed("none is promoted: no generation is accepted. Promote one.")
    return failed(" ".join(problems)) if problems else ok(", ".join(promoted))


def _model_problem(version: str, sha256: str, workers: list[WorkerRow]) -> str | None:
    serving = [row for row in workers if row.loaded_models.get(version) == sha256]
    refusals = [row for row in workers if version in row.load_errors]
    weights = f"The promoted weights of {version} ({sha256[:12]})"
    if refusals:
        row = refusals[0]
        state = "also " if serving else ""
        return f"{weights} are {state}refused by worker {row.name}: {row.load_errors[version]}"
    if serving:
        return None
    return f"{weights} are not loaded by any worker: its jobs wait."


async def outbox(connection: AsyncConnection) -> Finding:
    """Whether messages are published."""
    lag = await Outbox(connection).oldest_age()
    if lag > MAX_OUTBOX_LAG_SECONDS:
        return failed(
            f"the oldest message has waited for {lag:.0f} s: Redis or the dispatcher is away, so "
            "event streams stand still. No job is lost."
        )
    return ok("messages are published")


async def leases(connection: AsyncConnection) -> Finding:
    """Whether the reaper requeues the shards of processes that died."""
    late = await ShardLeases(connection).num_expired(OVERDUE_LEASE)
    if late:
        return failed(
            f"{late} expired more than {OVERDUE_LEASE.seconds} s ago and were not requeued: the "
            "dispatcher is away or hangs."
        )
    return ok("none has expired for long")
