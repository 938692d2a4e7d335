"""The stack controls each of its programs separately, and stops all of them when closed."""

import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from deploy.local.errors import AlreadyRunning, StackError, StartupFailed
from deploy.local.stack import Stack
from tests.support.processes import pids_using


@pytest.fixture
def stack(state_path: Path) -> Iterator[Stack]:
    with Stack(state_path) as stack:
        stack.start_servers()
        yield stack


def test_a_folder_has_at_most_one_stack(stack: Stack, state_path: Path) -> None:
    with pytest.raises(AlreadyRunning):
        Stack(state_path)


def test_a_closed_stack_can_be_opened_again_in_the_same_process(state_path: Path) -> None:
    with Stack(state_path) as first:
        first.start_servers()
        url = first.database_url
    with Stack(state_path) as second:
        second.start_servers()
        assert second.database_url == url


def test_no_process_remains_when_it_is_closed(state_path: Path) -> None:
    with Stack(state_path) as stack:
        stack.start_servers()
        stack.migrate()
        stack.start("dispatcher")
        assert len(pids_using(state_path)) > 3
    assert pids_using(state_path) == {}


def test_two_processes_of_a_service_have_separate_names_and_settings(stack: Stack) -> None:
    stack.migrate()
    stack.start("one", "dispatcher")
    stack.start("two", "dispatcher", OSTINATO_DISPATCHER_INTERVAL_SECONDS="0.1")
    second = stack.process("two")
    stack.kill("one")
    stack.restart("one")
    assert stack.process("two") is second
    assert stack.process("one").running
    assert second.spec.env["OSTINATO_DISPATCHER_INTERVAL_SECONDS"] == "0.1"
    stack.restart("two")
    assert stack.process("two").spec == second.spec


def test_a_kill_through_the_stack_is_not_an_unexpected_exit(stack: Stack) -> None:
    stack.kill("valkey")
    assert stack.unexpected_exits() == {}
    stack.process("postgres").signal(signal.SIGKILL)
    stack.process("postgres").wait(10)
    assert stack.unexpected_exits() == {"postgres": -signal.SIGKILL}


def test_the_error_of_a_failed_program_names_the_log(stack: Stack, state_path: Path) -> None:
    stack.kill("postgres")
    expected = f"migrate failed with exit code 1: .*see {state_path / 'log'}"
    with pytest.raises(StackError, match=expected):
        stack.migrate()


def test_a_service_that_exits_during_startup_is_named(stack: Stack) -> None:
    stack.migrate()
    stack.start("gateway", OSTINATO_HOST="not an address")
    with pytest.raises(StartupFailed, match=r"gateway exited during startup: .*not an address"):
        stack.wait_ready()


def test_without_a_worker_it_is_not_ready(stack: Stack) -> None:
    stack.migrate()
    stack.start("gateway")
    while not is_healthy(stack):
        assert stack.process("gateway").running
        time.sleep(0.05)
    with pytest.raises(StartupFailed, match="Not ready after 1 s"):
        stack.wait_ready(1)


def is_healthy(stack: Stack) -> bool:
    with suppress(httpx.ConnectError):
        return httpx.get(f"{stack.url}/healthz").is_success
    return False


def test_only_the_cache_folder_can_be_overridden_by_the_environment(
    stack: Stack, state_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OSTINATO_CACHE_DIR", raising=False)
    assert stack.env()["OSTINATO_CACHE_DIR"] == str(state_path / "cache")
    monkeypatch.setenv("OSTINATO_CACHE_DIR", "elsewhere")
    monkeypatch.setenv("OSTINATO_DATABASE_URL", "elsewhere")
    assert stack.env()["OSTINATO_CACHE_DIR"] == "elsewhere"
    assert stack.env()["OSTINATO_DATABASE_URL"] == stack.database_url
