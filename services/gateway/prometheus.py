"""The Prometheus metrics of all processes, read from the database for each scrape."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.job_queue.pending import pending_items
from shared.db.model_versions import ModelVersions
from shared.db.operations.process_metrics import ProcessMetrics, ProcessRow
from shared.db.outbox import Outbox
from shared.db.workers import WorkerRow, Workers
from shared.metrics.instruments import RECORDED
from shared.metrics.snapshots import ProcessSnapshot, merged

ENGINE_COUNTERS = {
    "steps": ("steps", "Decode steps."),
    "tokens": ("tokens", "Generated tokens."),
    "finished": ("finished_sequences", "Finished sequences."),
    "preempted": ("preempted_sequences", "Sequences that gave up their slot to another owner."),
}
"""Metric name (without prefix and `_total`) and description, by field of `EngineStats`."""
ENGINE_GAUGES = {
    "running": ("running_sequences", "Sequences in the batch."),
    "waiting": ("waiting_sequences", "Sequences that wait for a slot."),
    "peak_batch_size": ("peak_batch_size", "Most sequences in one step since the start."),
    "peak_jobs_per_batch": ("peak_jobs_per_batch", "Most jobs in one step since the start."),
}
"""Metric name (without prefix) and description, by field of `EngineStats`."""
SERVICES = ("gateway", "dispatcher", "worker", "trainer")

PendingItems = tuple[str, str, int]
"""Queue, model, number of items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """What one scrape read."""

    pending: Sequence[PendingItems] = ()
    workers: Sequence[WorkerRow] = ()
    processes: Sequence[ProcessRow] = ()
    promoted: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the promoted weights, by version."""
    outbox_lag: float = 0.0


async def read(connection: AsyncConnection) -> Scrape:
    """Read all that a scrape returns: a row per process, version, and owner with pending items."""
    return Scrape(
        pending=await pending_items(connection),
        workers=await Workers(connection).live(),
        processes=await ProcessMetrics(connection).live(),
        promoted=await ModelVersions(connection).promoted_weights(),
        outbox_lag=await Outbox(connection).oldest_age(),
    )


def exposition(scrape: Scrape) -> bytes:
    """The metrics in the Prometheus text format."""
    registry = CollectorRegistry()
    registry.register(_Snapshot(list(_metrics(scrape))))
    return generate_latest(registry)


class _Snapshot(Collector):
    """Metrics that were read from the database for one scrape."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        return self._metrics


def _metrics(scrape: Scrape) -> Iterator[Metric]:
    yield _gauge(
        "pending_items",
        "Melodies and trainer jobs that are queued or running.",
        ["queue", "model"],
        [((queue, model), count) for queue, model, count in scrape.pending],
    )
    yield _gauge(
        "outbox_lag_seconds",
        "Age of the oldest message that is not published yet.",
        [],
        [((), scrape.outbox_lag)],
    )
    services = [row.service for row in scrape.processes]
    yield _gauge(
        "processes",
        "Processes that have reported recently.",
        ["service"],
        [((service,), services.count(service)) for service in SERVICES],
    )
    yield _gauge(
        "model_workers",
        "Workers that have loaded the promoted weights of a version.",
        ["model"],
        [
            ((version,), sum(row.loaded_models.get(version) == sha256 for row in scrape.workers))
            for version, sha256 in scrape.promoted.items()
        ],
    )
    yield from _engines(scrape.workers)
    yield from merged(
        RECORDED,
        [ProcessSnapshot(row.service, row.name, dict(row.samples)) for row in scrape.processes],
    )


def _gauge(
    name: str, text: str, labels: Sequence[str], samples: Sequence[tuple[tuple[str, ...], float]]
) -> Metric:
    metric = GaugeMetricFamily(f"ostinato_{name}", text, labels=labels)
    for values, value in samples:
        metric.add_metric(values, value)
    return metric


def _engines(workers: Sequence[WorkerRow]) -> Iterator[Metric]:
    """One metric for each engine statistic, as each worker's last heartbeat reported it."""
    for metric_type, fields in (
        (CounterMetricFamily, ENGINE_COUNTERS),
        (GaugeMetricFamily, ENGINE_GAUGES),
    ):
        for statistic, (name, text) in fields.items():
            metric = metric_type(f"ostinato_engine_{name}", text, labels=["worker"])
            for worker in workers:
                if statistic in worker.engine_stats:
                    metric.add_metric([worker.name], worker.engine_stats[statistic])
            yield metric
    yield _batch_fill(workers)
    yield _load_errors(workers)


def _batch_fill(workers: Sequence[WorkerRow]) -> Metric:
    fill = HistogramMetricFamily(
        "ostinato_engine_batch_fill",
        "Part of a model's slots with a sequence, in each decode step.",
        labels=["worker"],
    )
    for worker in workers:
        if steps := worker.engine_stats.get("steps_by_fill"):
            fill.add_metric(
                [worker.name], _cumulated(steps), sum_value=worker.engine_stats["fill_sum"]
            )
    return fill


def _cumulated(counts: Sequence[int]) -> list[tuple[str, float]]:
    """The buckets of a histogram whose values are at most 1."""
    bounds = [str((number + 1) / len(counts)) for number in range(len(counts))]
    totals = [float(sum(counts[: number + 1])) for number in range(len(counts))]
    return [*zip(bounds, totals, strict=True), ("+Inf", totals[-1])]


def _load_errors(workers: Sequence[WorkerRow]) -> Metric:
    errors = GaugeMetricFamily(
        "ostinato_model_load_errors",
        "1 for promoted weights that the worker could not load; its log has the reason.",
        labels=["worker", "model"],
    )
    for worker in workers:
        for model in worker.load_errors:
            errors.add_metric([worker.name, model], 1)
    return errors
