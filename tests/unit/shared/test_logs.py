"""Log lines: text or JSON, with ids in fields, and without the content of rows."""

import json
import logging
import sys
from collections.abc import Callable

import pytest

from shared.logs import (
    JsonFormatter,
    TextFormatter,
    configure,
    log_fields,
    trace_field,
    valid_traceparent,
)

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"
SECRET = "what a client sent"
DRIVER_ERROR = f"""duplicate key value violates unique constraint "melodies_pkey"
DETAIL:  Key (name)=({SECRET}
{SECRET}) already exists.
HINT:  Use another one."""
SQL = "[SQL: INSERT INTO melodies VALUES ($1)]"
SQLALCHEMY_ERROR = f"""(IntegrityError) duplicate key value
DETAIL:  Key (name)=({SECRET}) already exists.
{SQL}
[parameters: ('{SECRET}',)]
(Background on this error at: https://sqlalche.me/e/20/gkpj)"""


def record(message: str = "It failed.", **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("engine", logging.WARNING, __file__, 1, message, None, None)
    made.__dict__.update(fields)
    return made


def entry(line: logging.LogRecord) -> dict[str, str]:
    text = JsonFormatter("worker").format(line)
    assert "\n" not in text
    parsed: dict[str, str] = json.loads(text)
    return parsed


def test_a_json_line_has_its_ids_in_fields() -> None:
    parsed = entry(record(job="1", shard="2", unrelated="3"))
    assert parsed.pop("time").endswith("+00:00")
    assert parsed == {
        "level": "WARNING",
        "program": "worker",
        "logger": "engine",
        "message": "It failed.",
        "job": "1",
        "shard": "2",
    }


def test_all_lines_in_a_block_have_its_fields() -> None:
    with log_fields(job="1", **trace_field(TRACEPARENT)), log_fields(shard="2"):
        inside = entry(record())
    assert (inside["job"], inside["shard"], inside["trace"]) == ("1", "2", TRACE)
    assert not {"job", "shard", "trace"} & entry(record()).keys()


@pytest.mark.parametrize("text", [None, "", "nonsense", "00-short-b7ad6b7169203331-01"])
def test_what_is_no_trace_context_gives_no_field(text: str | None) -> None:
    assert trace_field(valid_traceparent(text)) == {}


@pytest.mark.parametrize("error", [DRIVER_ERROR, SQLALCHEMY_ERROR])
@pytest.mark.parametrize("formatter", [TextFormatter("%(message)s"), JsonFormatter("worker")])
def test_errors_lack_the_content_of_rows(formatter: logging.Formatter, error: str) -> None:
    for line in (record(error), record(exc_info=_raised(error))):
        text = formatter.format(line)
        assert SECRET not in text
        assert "duplicate key value" in text
        assert ("HINT:" in text) == ("HINT:" in error)
        assert ("[SQL: INSERT" in text) == ("[SQL:" in error)


def _raised(message: str) -> object:
    try:
        raise RuntimeError(message)  # noqa: TRY301 - its traceback is the point
    except RuntimeError:
        return sys.exc_info()


@pytest.fixture
def restored_root() -> Callable[[], None]:
    """The root logger of pytest."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level

    def restore() -> None:
        logging.basicConfig(level=level, handlers=handlers, force=True)

    return restore


def test_the_format_is_a_setting(
    capsys: pytest.CaptureFixture[str], restored_root: Callable[[], None]
) -> None:
    lines = {}
    for log_format in ("text", "json"):
        configure("worker", "INFO", log_format)
        logging.getLogger("engine").warning("slow step")
        lines[log_format] = capsys.readouterr().err
    restored_root()
    assert lines["text"].endswith("WARNING worker engine: slow step\n")
    assert json.loads(lines["json"])["message"] == "slow step"
