"""Statements per second that an idle stack sends to PostgreSQL."""

import re
import time
from collections import Counter
from collections.abc import Iterator

from tests.benchmarks.queue.environment import Environment
from tests.benchmarks.queue.measurement import Measurement

SETTLE_SECONDS, SECONDS = 5, 30
GOAL = 5.0
STATEMENT = re.compile(r"LOG: +(?:statement|execute [^:]*): *(.*)")
LOG_PREFIX = re.compile(r"^[0-9-]+ [0-9:.]+ postgres +[A-Z]+ +")
SHOWN = 12


def rows(environment: Environment) -> Iterator[Measurement]:
    """Count all statements in the log of the server, BEGIN and COMMIT included."""
    with environment.services("gateway", "dispatcher", "worker", "trainer"):
        time.sleep(SETTLE_SECONDS)
        environment.log_statements(on=True)
        time.sleep(SECONDS)
        environment.log_statements(on=False)
        statements = _statements(environment)
    yield Measurement(
        name="idle stack: statements/s", value=statements.total() / SECONDS, goal=GOAL
    )
    for statement, number in statements.most_common(SHOWN):
        yield Measurement(name=f"idle stack: `{statement}`, per s", value=number / SECONDS)


def _statements(environment: Environment) -> Counter[str]:
    """The beginnings of the statements, of which the log may have several lines."""
    found: Counter[str] = Counter()
    lines = iter([LOG_PREFIX.sub("", line) for line in environment.log_lines()])
    for line in lines:
        if match := STATEMENT.search(line):
            words = match[1].split() or next(lines).split()
            if "ALTER" not in words and "pg_reload_conf()" not in words:
                found[" ".join(words[:9])] += 1
    return found
