"""The Prometheus metrics: pending items, and the engine counters of the workers."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from shared.db.workers import WorkerRow

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

PendingItems = tuple[str, str, int]
"""Queue, model, number of items."""


def exposition(items: Iterable[PendingItems], workers: Iterable[WorkerRow]) -> bytes:
    """The metrics in the Prometheus text format."""
    registry = CollectorRegistry()
    registry.register(_Snapshot([_pending(items), *_engines(list(workers))]))
    return generate_latest(registry)


class _Snapshot(Collector):
    """Metrics that were read from the database for one scrape."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        return self._metrics


def _pending(items: Iterable[PendingItems]) -> Metric:
    metric = GaugeMetricFamily(
        "ostinato_pending_items",
        "Melodies and trainer jobs that are queued or running.",
        labels=["queue", "model"],
    )
    for queue, model, count in items:
        metric.add_metric([queue, model], count)
    return metric


def _engines(workers: list[WorkerRow]) -> Iterator[Metric]:
    """One metric for each engine statistic, as each worker's last heartbeat reported it."""
    for metric_type, fields in (
        (CounterMetricFamily, ENGINE_COUNTERS),
        (GaugeMetricFamily, ENGINE_GAUGES),
    ):
        for field, (name, text) in fields.items():
            metric = metric_type(f"ostinato_engine_{name}", text, labels=["worker"])
            for worker in workers:
                if field in worker.engine_stats:
                    metric.add_metric([worker.name], worker.engine_stats[field])
            yield metric
    yield _load_errors(workers)


def _load_errors(workers: list[WorkerRow]) -> Metric:
    errors = GaugeMetricFamily(
        "ostinato_model_load_errors",
        "1 for promoted weights that the worker could not load; its log has the reason.",
        labels=["worker", "model"],
    )
    for worker in workers:
        for model in worker.load_errors:
            errors.add_metric([worker.name, model], 1)
    return errors
