"""A job of the trainer is a span in the trace of the request that submitted it."""

from pathlib import Path

import pytest
from sqlalchemy import text

from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.outbox_publisher import OutboxPublisher
from shared.tracing import JobTracer
from tests.support.servers.otlp_collector import otlp_collector
from tests.support.trainer.job_runner import RunnerFixture, until
from tests.support.trainings import TrainingFixture

TRACE, REQUEST = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


async def test_queue_and_run_are_spans_inside_the_span_of_the_job(
    database: Database,
    streams: EventStreams,
    publisher: OutboxPublisher,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("opentelemetry.sdk", reason="the extra `tracing` is not installed")
    fixture = RunnerFixture(TrainingFixture(database), streams, publisher, tmp_path)
    with otlp_collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        fixture.runner._tracer = tracer = JobTracer("trainer")
        job_id = await fixture.add_job("succeed")
        async with database.connection() as connection:
            await connection.execute(
                text("UPDATE jobs SET traceparent = :context WHERE id = :job"),
                {"context": f"00-{TRACE}-{REQUEST}-01", "job": job_id},
            )
        await fixture.runner.claim_next()
        await until(lambda: fixture.is_processed(job_id))
        await fixture.runner.drain(0)
        tracer.flush()
    spans = {span.name: span for span in collector.spans}
    job = spans.pop(str(fixture.runner.queue))
    assert (job.service, job.trace_id, job.parent_id) == ("ostinato-trainer", TRACE, REQUEST)
    assert job.attributes == {"ostinato.job": str(job_id), "ostinato.attempt": 1}
    assert spans.keys() == {"queue", "run"}
    assert {span.parent_id for span in spans.values()} == {job.span_id}
    assert job.start == spans["queue"].start <= spans["run"].start < spans["run"].end == job.end
