"""`ostinato doctor` checks the servers and services of a stack that runs in the state folder."""

import asyncio
import time
from io import StringIO

from rich.console import Console

from deploy.local.doctor.doctor import check_environment
from deploy.local.settings import LocalSettings
from deploy.local.stack import Stack
from tests.support.servers.databases import run_statements
from tests.support.workers import live_workers

SERVICES = ("gateway", "dispatcher", "worker", "trainer")


def doctor(stack: Stack) -> tuple[int, dict[str, str]]:
    """The exit code, and the level and text of each check."""
    output = StringIO()
    settings = LocalSettings(state_dir=stack.state_dir.path, checkpoints_dir=stack.checkpoints_dir)
    exit_code = check_environment(settings, Console(file=output, width=500))
    rows = [line.split(maxsplit=2) for line in output.getvalue().splitlines()]
    return exit_code, {name: f"{level} {text}".strip() for level, name, text in rows}


def wait_until_loaded(stack: Stack) -> None:
    """Wait until the worker has loaded its models, and every running process has reported."""
    asyncio.run(run_statements(stack.database_url, "DELETE FROM process_metrics"))
    deadline = time.monotonic() + 30
    while not (any(row.loaded_models for row in live_workers(stack)) and have_reported(stack)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def have_reported(stack: Stack) -> bool:
    """Whether all services have reported since the reports of killed ones were deleted."""
    _, found = doctor(stack)
    return all(found[service].startswith("ok") for service in SERVICES)


def test_it_says_what_was_stopped(isolated_stack: Stack) -> None:
    wait_until_loaded(isolated_stack)
    exit_code, found = doctor(isolated_stack)
    failures = {name: text for name, text in found.items() if text.startswith("failed")}
    assert (exit_code, failures) == (0, {})
    for name in SERVICES:
        assert found[name] == "ok 1 running"
    assert found["models"].startswith("ok mini")
    isolated_stack.stop("dispatcher")
    isolated_stack.stop("valkey")
    exit_code, found = doctor(isolated_stack)
    assert exit_code == 1
    assert {name for name, text in found.items() if text.startswith("failed")} == {
        "dispatcher",
        "Redis",
    }
