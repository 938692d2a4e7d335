"""A trace follows a job from the client's request through queue and engine to its commit."""

import re
import sys
from uuid import UUID

import pytest

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from shared.db.database import Database
from shared.tracing import JobTracer
from tests.support.servers.gateway import gateway
from tests.support.servers.otlp_collector import Span, otlp_collector
from tests.support.worker_jobs import WorkerFixture

TRACE, CLIENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
HEADERS = {"traceparent": f"00-{TRACE}-{CLIENT}-01"}
BODY = GenerationRequest(model="mini", bars=2, count=2, seed=3).model_dump(mode="json")


@pytest.fixture
def _libraries() -> None:
    pytest.importorskip("opentelemetry.sdk", reason="the extra `tracing` is not installed")


@pytest.mark.usefixtures("_libraries")
async def test_request_queue_engine_and_commit_are_spans_of_one_trace(
    workers: WorkerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with otlp_collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        async with gateway(workers.backends, workers.owner, tracing=True) as http:
            await http.get("/v1/jobs?secret=1", headers=HEADERS)
            body = (await http.post("/v1/generations", json=BODY, headers=HEADERS)).json()
        worker = workers.start(tracing=True)
        job = await workers.get(UUID(body["id"]))
        await workers.wait_for(job, JobState.SUCCEEDED)
        await workers.drain(worker)
    assert {span.trace_id for span in collector.spans} == {TRACE}
    spans: dict[str, Span] = {span.name: span for span in collector.spans}
    request, shard = spans.pop("POST /v1/generations"), spans.pop("shard")
    assert (request.service, request.parent_id) == ("ostinato-gateway", CLIENT)
    assert (shard.service, shard.parent_id) == ("ostinato-worker", request.span_id)
    assert shard.attributes["ostinato.job"] == body["id"]
    assert shard.attributes["ostinato.melodies"] == 2
    assert {span.parent_id for span in spans.values()} == {shard.span_id}
    queue, generate, commit = (spans.pop(name) for name in ("queue", "generate", "commit"))
    assert spans == {}
    times = [shard.start, queue.end, generate.end, commit.end]
    assert times == sorted(times)
    assert (queue.start, generate.start) == (shard.start, queue.end)
    assert request.start - 100_000_000 < shard.start < request.end + 100_000_000


async def test_without_tracing_the_trace_context_is_kept_and_nothing_is_loaded(
    workers: WorkerFixture, database: Database
) -> None:
    loaded = {name for name in sys.modules if name.startswith("opentelemetry.exporter")}
    async with gateway(workers.backends, workers.owner) as http:
        await http.post("/v1/generations", json=BODY, headers=HEADERS)
    shard = await workers.try_claim()
    assert shard is not None
    assert shard.traceparent == HEADERS["traceparent"]
    assert shard.log_fields["trace"] == TRACE
    assert {name for name in sys.modules if name.startswith("opentelemetry.exporter")} == loaded


def test_missing_libraries_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.resources", None)
    with pytest.raises(SystemExit, match=re.escape("ostinato-server[tracing]")):
        JobTracer("worker")
