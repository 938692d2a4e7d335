"""Logging of every process: one line per event, as text or as JSON.

Lines go to standard error; the supervisor or the container runtime collects them. A line about a
job, shard or trace names it in a field: `extra={"job": ..., "shard": ..., "trace": ...}`, or for
all lines of a task `log_fields`. What PostgreSQL reports about rows is left out: it may quote what
clients sent.
"""

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

LogFormat = Literal["text", "json"]

FIELDS = ("job", "shard", "trace")
"""Names of the fields; all are ids."""
CONTENT_OF_ROWS = re.compile(
    r"^(DETAIL:|\[parameters:)"
    r".*?(?=^(HINT:|\[SQL:|\(Background |Traceback |The above |During handling |  File )|\Z)",
    re.MULTILINE | re.DOTALL,
)
"""The part of an error of the driver or of SQLAlchemy that has values, up to the next part."""
TRACEPARENT = re.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-")

_task_fields: ContextVar[dict[str, str] | None] = ContextVar("_task_fields", default=None)


def configure(program: str, level: str = "INFO", log_format: LogFormat = "text") -> None:
    """Send this process's log to standard error: `time level program logger: text`, or JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter(program)
        if log_format == "json"
        else TextFormatter(f"%(asctime)s %(levelname)-7s {program} %(name)s: %(message)s")
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)


@contextmanager
def log_fields(**fields: str) -> Iterator[None]:
    """Give these fields to all lines that the current task writes in the block."""
    token = _task_fields.set({**(_task_fields.get() or {}), **fields})
    try:
        yield
    finally:
        _task_fields.reset(token)


def valid_traceparent(text: str | None) -> str | None:
    """A W3C trace context that a client sent; None if it is not one."""
    return text if text is not None and TRACEPARENT.match(text) else None


def trace_field(traceparent: str | None) -> dict[str, str]:
    """The field with the trace id of a W3C trace context; empty without one."""
    return {"trace": traceparent.split("-")[1]} if traceparent else {}


class TextFormatter(logging.Formatter):
    """One line, and the traceback of an exception after it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record without the content of rows."""
        return CONTENT_OF_ROWS.sub("", super().format(record)).rstrip()


class JsonFormatter(logging.Formatter):
    """One JSON object in one line."""

    def __init__(self, program: str) -> None:
        super().__init__()
        self._program = program

    def format(self, record: logging.LogRecord) -> str:
        """The record with its fields; without the content of rows."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "program": self._program,
            "logger": record.name,
            "message": CONTENT_OF_ROWS.sub("", record.getMessage()).rstrip(),
            **(_task_fields.get() or {}),
        }
        entry |= {name: str(value) for name in FIELDS if (value := getattr(record, name, None))}
        if record.exc_info:
            exception = self.formatException(record.exc_info)
            entry["exception"] = CONTENT_OF_ROWS.sub("", exception).rstrip()
        return json.dumps(entry)
