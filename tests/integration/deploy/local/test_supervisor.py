"""The supervisor restarts crashed programs with backoff and leaves the others alone."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from deploy.local.machine import disk
from deploy.local.stack import Stack
from deploy.local.supervisor import MAX_RESTART_DELAY, Crash, Supervisor


@pytest.fixture
def stack(state_path: Path) -> Iterator[Stack]:
    with Stack(state_path) as stack:
        stack.start_servers()
        yield stack


def test_the_delay_doubles_up_to_a_maximum() -> None:
    delays = [Crash(count=count, crashed_at=100.0).restart_at - 100.0 for count in range(1, 8)]
    assert delays == [1, 2, 4, 8, 16, MAX_RESTART_DELAY, MAX_RESTART_DELAY]


def test_a_crashed_server_is_restarted_and_this_is_logged(stack: Stack) -> None:
    crashed, other = stack.process("valkey"), stack.process("postgres")
    crashed.signal(signal.SIGKILL)
    run(Supervisor(stack), until=lambda: stack.process("valkey") is not crashed)
    assert stack.process("valkey").running
    assert stack.process("postgres") is other
    assert "valkey ended with exit code -9; restarting it in 1 s" in log(stack)


def test_a_failed_restart_is_retried_later(stack: Stack) -> None:
    configuration = stack.state_dir.path / "valkey" / "valkey.conf"
    valid = configuration.read_text()
    configuration.write_text("no-such-setting yes\n")
    stack.process("valkey").signal(signal.SIGKILL)
    supervisor = Supervisor(stack)
    failure = "valkey did not start: Valkey did not become ready"
    run(supervisor, until=lambda: failure in log(stack))
    configuration.write_text(valid)
    run(supervisor, until=lambda: responds(stack))
    assert "restarting it in 2 s" in log(stack)


def test_a_full_disk_is_reported_once_and_again_when_it_has_space(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = iter([100, 9, 8, 7, 200, 300])
    monkeypatch.setattr(disk, "free_bytes", lambda _folder: next(free, 300) * disk.MIB)
    run(Supervisor(stack), until=lambda: "has space again" in log(stack))
    lines = [line.split("INFO", 1)[1].strip() for line in log(stack).splitlines() if "disk" in line]
    assert len(lines) == 2, lines
    assert lines[0].startswith(f"The disk of {stack.data_dir} has only 8 MB left: delete files")


def log(stack: Stack) -> str:
    return (stack.state_dir.path / "log").read_text()


class ConditionEvent(threading.Event):
    """An event that is set as soon as a condition holds."""

    def __init__(self, condition: Callable[[], bool]) -> None:
        super().__init__()
        self._condition = condition
        self._deadline = time.monotonic() + 20

    def wait(self, timeout: float | None = None) -> bool:
        assert time.monotonic() < self._deadline
        return self._condition() or super().wait(timeout)


def run(supervisor: Supervisor, *, until: Callable[[], bool]) -> None:
    supervisor.run(ConditionEvent(until))


def responds(stack: Stack) -> bool:
    with redis.Redis.from_url(stack.redis_url, retry=None) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False
