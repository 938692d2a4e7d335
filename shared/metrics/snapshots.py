"""Snapshots of the recorded metrics, as processes store them in the database.

A snapshot has samples only. Names, types and descriptions are those of the process that reads it:
it passes over metrics of another release that it does not know.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric

Snapshot = dict[str, list[list[Any]]]
"""By the name of the metric: for each sample the end of its name, its labels and its value."""

CREATED = "_created"
"""The end of the names of series that say when a counter was created; no query needs them."""


class ProcessSnapshot(NamedTuple):
    """The snapshot of one process."""

    service: str
    process: str
    """Process id and host."""
    samples: Snapshot


def take_snapshot(registry: CollectorRegistry) -> Snapshot:
    """The samples of all metrics that have some."""
    return {
        metric.name: [
            [sample.name.removeprefix(metric.name), sample.labels, sample.value]
            for sample in metric.samples
            if not sample.name.endswith(CREATED)
        ]
        for metric in registry.collect()
        if metric.samples
    }


def merged(registry: CollectorRegistry, snapshots: Iterable[ProcessSnapshot]) -> Iterator[Metric]:
    """Every metric of the registry, with the samples of the snapshots instead of its own.

    Each sample gets the labels `service` and `process`, so that counters only grow.
    """
    snapshots = list(snapshots)
    for known in registry.collect():
        metric = Metric(known.name, known.documentation, known.type)
        for service, process, samples in snapshots:
            for suffix, labels, value in samples.get(known.name, ()):
                metric.add_sample(
                    known.name + suffix, {**labels, "service": service, "process": process}, value
                )
        yield metric
