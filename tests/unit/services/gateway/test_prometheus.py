"""The Prometheus metrics: one for each quantity, from the rows that processes have written."""

from uuid import uuid4

from services.gateway.prometheus import Scrape, exposition
from shared.db.operations.process_metrics import ProcessRow
from shared.db.workers import WorkerRow


def lines_of(scrape: Scrape) -> list[str]:
    lines = exposition(scrape).decode().splitlines()
    return [line for line in lines if not line.startswith("#")]


def worker(**fields: object) -> WorkerRow:
    return WorkerRow(id=uuid4(), name="7@host", **{"engine_stats": {}, **fields})  # type: ignore[arg-type]


def test_pending_items_are_reported_by_queue_and_model() -> None:
    lines = lines_of(Scrape(pending=[("generate.batch", "mini", 3)]))
    assert 'ostinato_pending_items{model="mini",queue="generate.batch"} 3.0' in lines


def test_engine_counters_and_gauges_are_separate_metrics() -> None:
    lines = lines_of(Scrape(workers=[worker(engine_stats={"tokens": 5, "running": 2})]))
    assert 'ostinato_engine_tokens_total{worker="7@host"} 5.0' in lines
    assert 'ostinato_engine_running_sequences{worker="7@host"} 2.0' in lines


def test_the_fill_of_batches_is_a_histogram() -> None:
    stats = {"steps_by_fill": [4, 0, 0, 0, 0, 0, 0, 0, 0, 2], "fill_sum": 2.4}
    lines = lines_of(Scrape(workers=[worker(engine_stats=stats)]))
    prefix = "ostinato_engine_batch_fill"
    assert f'{prefix}_bucket{{le="0.1",worker="7@host"}} 4.0' in lines
    assert f'{prefix}_bucket{{le="0.9",worker="7@host"}} 4.0' in lines
    assert f'{prefix}_bucket{{le="1.0",worker="7@host"}} 6.0' in lines
    assert f'{prefix}_count{{worker="7@host"}} 6.0' in lines
    assert f'{prefix}_sum{{worker="7@host"}} 2.4' in lines


def test_models_that_could_not_be_loaded_are_reported() -> None:
    lines = lines_of(Scrape(workers=[worker(load_errors={"v7": "wrong SHA-256"})]))
    assert 'ostinato_model_load_errors{model="v7",worker="7@host"} 1.0' in lines


def test_workers_count_for_a_version_if_they_have_its_promoted_weights() -> None:
    workers = [worker(loaded_models={"v7": "new"}), worker(loaded_models={"v7": "old"})]
    lines = lines_of(Scrape(workers=workers, promoted={"v7": "new", "v8": "x"}))
    assert 'ostinato_model_workers{model="v7"} 1.0' in lines
    assert 'ostinato_model_workers{model="v8"} 0.0' in lines


def test_a_service_without_a_process_is_reported_as_zero() -> None:
    row = ProcessRow(service="worker", name="7@host", samples={})
    lines = lines_of(Scrape(processes=[row, row]))
    assert 'ostinato_processes{service="worker"} 2.0' in lines
    assert 'ostinato_processes{service="dispatcher"} 0.0' in lines


def test_samples_of_processes_have_their_names() -> None:
    samples = {"ostinato_lease_expiries": [["_total", {}, 3.0]]}
    row = ProcessRow(service="dispatcher", name="7@host", samples=samples)
    expected = 'ostinato_lease_expiries_total{process="7@host",service="dispatcher"} 3.0'
    assert expected in lines_of(Scrape(processes=[row]))
