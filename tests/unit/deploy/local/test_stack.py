"""The stack does what it is told, to each program alone, and stops all of them in the end."""

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local.errors import AlreadyRunning, NeverReady, StackError
from deploy.local.stack import Stack
from tests.unit.deploy import processes


@pytest.fixture
def stack(var: Path) -> Iterator[Stack]:
    with Stack(var) as stack:
        stack.start_servers()
        yield stack


def test_one_folder_has_one_stack(stack: Stack, var: Path) -> None:
    with pytest.raises(AlreadyRunning):
        Stack(var)


def test_a_stack_can_be_told_to_begin_again_in_the_same_process(var: Path) -> None:
    with Stack(var) as first:
        first.start_servers()
        url = first.database_url
    with Stack(var) as second:
        second.start_servers()
        assert second.database_url == url


def test_nothing_is_left_when_it_is_closed(var: Path) -> None:
    with Stack(var) as stack:
        stack.start_servers()
        stack.migrate()
        stack.start("dispatcher")
        assert len(processes.of(var)) > 3
    assert processes.of(var) == {}


def test_two_workers_run_under_names_of_their_own(stack: Stack) -> None:
    stack.migrate()
    stack.start("one", "dispatcher")
    stack.start("two", "dispatcher", OSTINATO_REAP_SECONDS="0.1")
    kept = stack.process("two")
    stack.kill("one")
    stack.restart("one")
    assert stack.process("two") is kept
    assert stack.process("one").running
    assert kept.program.environment["OSTINATO_REAP_SECONDS"] == "0.1"
    stack.restart("two")
    assert stack.process("two").program == kept.program


def test_a_program_that_was_killed_on_purpose_has_not_crashed(stack: Stack) -> None:
    stack.kill("valkey")
    assert stack.crashed() == {}
    stack.process("postgres").signal(signal.SIGKILL)
    stack.process("postgres").wait(10)
    assert stack.crashed() == {"postgres": -signal.SIGKILL}


def test_a_program_that_fails_is_reported_with_where_to_read_why(stack: Stack, var: Path) -> None:
    stack.kill("postgres")
    with pytest.raises(StackError, match=f"migrate failed with exit code 1: see {var / 'log'}"):
        stack.migrate()


def test_a_service_that_ends_at_start_is_named(stack: Stack) -> None:
    stack.migrate()
    stack.start("gateway", OSTINATO_HOST="not an address")
    with pytest.raises(NeverReady, match="gateway ended at start"):
        stack.wait_ready()


def test_without_a_worker_it_is_not_ready(stack: Stack) -> None:
    stack.migrate()
    stack.start("gateway")
    with pytest.raises(NeverReady, match="Not ready after 4 s"):
        stack.wait_ready(4)
    assert httpx.get(f"{stack.url}/healthz").is_success


def test_what_its_programs_keep_lies_in_the_folder_unless_said_otherwise(
    stack: Stack, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OSTINATO_HOME", raising=False)
    assert stack.environment()["OSTINATO_HOME"] == str(var / "home")
    monkeypatch.setenv("OSTINATO_HOME", "elsewhere")
    monkeypatch.setenv("OSTINATO_DATABASE_URL", "elsewhere")
    assert stack.environment()["OSTINATO_HOME"] == "elsewhere"
    assert stack.environment()["OSTINATO_DATABASE_URL"] == stack.database_url
