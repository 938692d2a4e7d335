"""Snapshots of metrics: complete, and readable by processes of other releases."""

import json

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from shared.metrics.snapshots import ProcessSnapshot, merged, take_snapshot


def registry() -> tuple[CollectorRegistry, Counter, Histogram]:
    registry = CollectorRegistry()
    requests = Counter("requests", "Requests.", ["route"], registry=registry)
    return registry, requests, Histogram("wait", "Wait.", buckets=(1, 5), registry=registry)


def text_of(metrics: list[Metric]) -> list[str]:
    class Metrics(Collector):
        def collect(self) -> list[Metric]:
            return metrics

    target = CollectorRegistry()
    target.register(Metrics())
    return generate_latest(target).decode().splitlines()


def test_a_snapshot_of_each_process_is_served_with_its_name() -> None:
    source, requests, wait = registry()
    requests.labels("/v1/jobs").inc(3)
    wait.observe(2)
    stored = json.loads(json.dumps(take_snapshot(source)))
    processes = [ProcessSnapshot("gateway", name, stored) for name in ("1@a", "2@a")]
    lines = text_of(list(merged(registry()[0], processes)))
    for process in ("1@a", "2@a"):
        labels = f'process="{process}",'
        assert f'requests_total{{{labels}route="/v1/jobs",service="gateway"}} 3.0' in lines
        assert f'wait_bucket{{le="1.0",{labels}service="gateway"}} 0.0' in lines
        assert f'wait_bucket{{le="5.0",{labels}service="gateway"}} 1.0' in lines
        assert f'wait_sum{{{labels}service="gateway"}} 2.0' in lines


def test_metrics_of_another_release_are_passed_over() -> None:
    snapshot = ProcessSnapshot("worker", "1@a", {"of_the_next_release": [["", {}, 1.0]]})
    lines = text_of(list(merged(registry()[0], [snapshot])))
    assert not any("next_release" in line for line in lines)
    assert "# TYPE requests_total counter" in lines


def test_a_process_without_values_stores_nothing_for_a_labelled_metric() -> None:
    assert "requests" not in take_snapshot(registry()[0])
