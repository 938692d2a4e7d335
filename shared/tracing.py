"""OpenTelemetry traces of jobs: the request, and the phases of each shard.

A job carries the W3C trace context of the request that submitted it, so that a worker can add its
spans to the same trace. Off by default: then no library is imported and nothing is recorded. The
variables of OpenTelemetry itself apply, such as OTEL_EXPORTER_OTLP_ENDPOINT.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

FLUSH_SECONDS = 2.0
"""Longest wait for the last spans when a process ends; a collector may be away."""
NANOSECONDS = 1_000_000_000
MISSING = (
    "OSTINATO_TRACING is true, but the libraries of OpenTelemetry are not installed: install "
    "'ostinato-server[tracing]', or set OSTINATO_TRACING=false."
)


class Phase(NamedTuple):
    """A part of the work on a shard, which begins when the part before it ends."""

    name: str
    ends_at: float
    """By the monotonic clock."""


class JobTracer:
    """Exports the spans of one process over OTLP."""

    def __init__(self, service: str) -> None:
        """Start the exporter, which has a thread.

        Raises:
            SystemExit: the libraries are not installed.
        """
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - optional
                OTLPSpanExporter,
            )
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - optional
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - optional
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - optional
        except ImportError as error:
            raise SystemExit(MISSING) from error
        resource = Resource.create({"service.name": f"ostinato-{service}"})
        self.provider: Any = TracerProvider(resource=resource, shutdown_on_exit=False)
        self.provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self.provider.get_tracer("ostinato")

    @classmethod
    def if_enabled(cls, service: str, *, enabled: bool) -> "JobTracer | None":
        """The tracer of a process; None if tracing is off."""
        return cls(service) if enabled else None

    def record(
        self,
        name: str,
        traceparent: str | None,
        *,
        started_at: float,
        phases: Sequence[Phase],
        attributes: Mapping[str, str | int],
    ) -> None:
        """Record a span, with one span inside it for each phase; a job without a trace has none."""
        if traceparent is None:
            return
        from opentelemetry.trace import set_span_in_context  # noqa: PLC0415 - optional
        from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415 - optional
            TraceContextTextMapPropagator,
        )

        offset = time.time_ns() - int(time.monotonic() * NANOSECONDS)
        parent = TraceContextTextMapPropagator().extract({"traceparent": traceparent})
        span = self._tracer.start_span(
            name, parent, attributes=attributes, start_time=_since_1970(started_at, offset)
        )
        inside = set_span_in_context(span)
        for phase in phases:
            part = self._tracer.start_span(
                phase.name, inside, start_time=_since_1970(started_at, offset)
            )
            part.end(_since_1970(phase.ends_at, offset))
            started_at = phase.ends_at
        span.end(_since_1970(started_at, offset))

    def flush(self) -> None:
        """Export what was recorded, but do not wait long for it."""
        thread = threading.Thread(target=self.provider.force_flush, daemon=True)
        thread.start()
        thread.join(FLUSH_SECONDS)


def _since_1970(monotonic: float, offset: int) -> int:
    """Nanoseconds since 1970, for a time by the monotonic clock."""
    return int(monotonic * NANOSECONDS) + offset
