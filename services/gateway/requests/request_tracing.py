"""OpenTelemetry spans of the requests that submit something; jobs carry them on."""

from typing import Any

from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.tracing import JobTracer

OFF = TelemetryConfig(tracing=False, metrics=False, logs=False)


def telemetry_of(tracer: JobTracer | None) -> TelemetryConfig:
    """The configuration of FastAPI, which creates the spans."""
    if tracer is None:
        return OFF
    return TelemetryConfig(
        tracer_provider=tracer.provider,
        tracing=True,
        metrics=False,
        logs=False,
        operation_spans=False,
        auto_configure=False,
        exclude=_submits_nothing,
    )


class TraceparentMiddleware:
    """Replaces the client's trace context by that of the request's own span."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http":
            carrier: dict[str, str] = {}
            TraceContextTextMapPropagator().inject(carrier)
            if "traceparent" in carrier:
                MutableHeaders(scope=scope)["traceparent"] = carrier["traceparent"]
        await self._app(scope, receive, send)


def _submits_nothing(scope: Any) -> bool:  # noqa: ANN401 - FastAPI's type
    """Whether a request has no span: reads, probes, and streams, whose URLs may have tickets."""
    return bool(scope["type"] != "http" or scope["method"] != "POST")
