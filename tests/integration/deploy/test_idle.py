"""A stack without work sends PostgreSQL few statements, BEGIN and COMMIT included."""

import asyncio
import re
import time

from deploy.local.stack import Stack
from tests.support.servers.databases import run_statements
from tests.support.servers.stacks import FAST_LEASES

SECONDS = 4
PER_SECOND = 2
"""The worker and the dispatcher look for work once a second."""
PER_HEARTBEAT = 5
"""Three of the worker, two of the trainer."""
HEARTBEATS = SECONDS / float(FAST_LEASES["OSTINATO_HEARTBEAT_INTERVAL_SECONDS"])
MAX_STATEMENTS = 1.1 * (PER_SECOND * SECONDS + PER_HEARTBEAT * HEARTBEATS)
"""With the default interval of heartbeats this would be three statements a second. The reports of
metrics, one of each process in ten seconds, are within the tenth more."""
ATTEMPTS = 5
"""A service that has just started, or a test before this one, may send more at first."""
STATEMENT = re.compile(r"LOG: +(?:statement|execute [^:]*):")


def log_statements(stack: Stack, *, on: bool) -> None:
    """Let PostgreSQL write every statement to the log of the stack."""
    value = "all" if on else "none"
    asyncio.run(
        run_statements(
            stack.database_url,
            f"ALTER SYSTEM SET log_statement = '{value}'",
            "SELECT pg_reload_conf()",
        )
    )


def num_statements(stack: Stack) -> int:
    return len(STATEMENT.findall((stack.state_dir.path / "log").read_text(errors="replace")))


def test_an_idle_stack_sends_few_statements(isolated_stack: Stack) -> None:
    log_statements(isolated_stack, on=True)
    counts = []
    for _ in range(ATTEMPTS):
        before = num_statements(isolated_stack)
        time.sleep(SECONDS)
        counts.append(num_statements(isolated_stack) - before)
        if counts[-1] <= MAX_STATEMENTS:
            break
    log_statements(isolated_stack, on=False)
    assert 0 < counts[-1] <= MAX_STATEMENTS, counts
