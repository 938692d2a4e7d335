"""Statements keep no state in their session: a pooler gives the next one another.

docs/operations.md describes PgBouncer in transaction mode, which does that.
"""

import re

import pytest

from tests.architecture.source import ROOT, files

SESSION_STATE = re.compile(
    r"pg_(try_)?advisory_(lock|unlock)|\b(LISTEN|UNLISTEN|DISCARD|DEALLOCATE) [\w*\"]"
    r"|\bCREATE (LOCAL )?TEMP|\bDECLARE \w+|\bPREPARE \w+ (AS|\()|\bWITH HOLD\b|\bSET SESSION\b"
    r"|(text|execute|exec_driver_sql)\(\s*[fr]?\"+\s*SET (?!LOCAL\b)|\bset_config\("
)
UNSET = re.compile(r"\bDatabase\(\s*settings\.database_url")
"""A process that does not pass on OSTINATO_PREPARED_STATEMENTS."""


def found_in_services(pattern: re.Pattern[str]) -> list[str]:
    sources = [
        path
        for path in files()
        if path.suffix == ".py" and path.parts[0] in ("services", "shared", "deploy")
    ]
    return [
        f"{path}: {match.group()}"
        for path in sources
        for match in pattern.finditer((ROOT / path).read_text())
    ]


def test_no_statement_keeps_state_in_its_session() -> None:
    assert found_in_services(SESSION_STATE) == []


def test_every_process_takes_the_settings_of_the_database() -> None:
    assert found_in_services(UNSET) == []


@pytest.mark.parametrize(
    ("statement", "keeps_state"),
    [
        ("SELECT pg_advisory_lock(1)", True),
        ("SELECT pg_try_advisory_lock(1)", True),
        ("SELECT pg_try_advisory_xact_lock(1)", False),
        ("LISTEN jobs", True),
        ("CREATE TEMPORARY TABLE t (id int)", True),
        ('text("SET lock_timeout = 0")', True),
        ('text("SET LOCAL lock_timeout = 0")', False),
        ("UPDATE jobs SET state = 'queued'", False),
    ],
)
def test_statements_that_keep_state_are_found(statement: str, *, keeps_state: bool) -> None:
    assert bool(SESSION_STATE.search(statement)) is keeps_state
