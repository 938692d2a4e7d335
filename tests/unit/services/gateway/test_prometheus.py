"""The Prometheus metrics: one for each quantity, from the last heartbeats."""

from uuid import uuid4

from services.gateway import prometheus
from shared.db.workers import WorkerRow


def exposition(**fields: object) -> list[str]:
    row = WorkerRow(id=uuid4(), name="7@host", **{"engine_stats": {}, **fields})  # type: ignore[arg-type]
    text = prometheus.exposition([("generate.batch", "mini", 3)], [row]).decode()
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_pending_items_are_reported_by_queue_and_model() -> None:
    assert exposition() == ['ostinato_pending_items{model="mini",queue="generate.batch"} 3.0']


def test_engine_counters_and_gauges_are_separate_metrics() -> None:
    lines = exposition(engine_stats={"tokens": 5, "running": 2})
    assert 'ostinato_engine_tokens_total{worker="7@host"} 5.0' in lines
    assert 'ostinato_engine_running_sequences{worker="7@host"} 2.0' in lines


def test_models_that_could_not_be_loaded_are_reported() -> None:
    lines = exposition(load_errors={"v7": "wrong SHA-256"})
    assert 'ostinato_model_load_errors{model="v7",worker="7@host"} 1.0' in lines
