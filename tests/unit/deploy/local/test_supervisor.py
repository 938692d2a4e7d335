"""What ends unasked is started again, later and later; what keeps running is left alone."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from deploy.local.stack import Stack
from deploy.local.supervisor import LONGEST_PAUSE, Crash, Supervisor


@pytest.fixture
def stack(var: Path) -> Iterator[Stack]:
    with Stack(var) as stack:
        stack.start_servers()
        yield stack


def test_the_pause_doubles_up_to_a_limit() -> None:
    pauses = [Crash(count=count, at=100.0).due - 100.0 for count in range(1, 8)]
    assert pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE]


def test_a_crashed_server_is_started_again_and_the_log_says_so(stack: Stack) -> None:
    killed, kept = stack.process("valkey"), stack.process("postgres")
    killed.signal(signal.SIGKILL)
    watch(Supervisor(stack), until=lambda: stack.process("valkey") is not killed)
    assert stack.process("valkey").running
    assert stack.process("postgres") is kept
    assert "valkey ended with exit code -9; starting it in 1 s" in log(stack)


def test_a_server_that_does_not_come_back_is_tried_again_later(stack: Stack) -> None:
    configuration = stack.folder.path / "valkey" / "valkey.conf"
    good = configuration.read_text()
    configuration.write_text("no-such-setting yes\n")
    stack.process("valkey").signal(signal.SIGKILL)
    supervisor = Supervisor(stack)
    watch(supervisor, until=lambda: "valkey Valkey did not get ready" in log(stack))
    configuration.write_text(good)
    watch(supervisor, until=lambda: answers(stack))
    assert "starting it in 2 s" in log(stack)


def log(stack: Stack) -> str:
    return (stack.folder.path / "log").read_text()


class Until(threading.Event):
    """An event that looks for itself whether it has come."""

    def __init__(self, condition: Callable[[], bool]) -> None:
        super().__init__()
        self._condition = condition
        self._deadline = time.monotonic() + 20

    def wait(self, timeout: float | None = None) -> bool:
        assert time.monotonic() < self._deadline
        return self._condition() or super().wait(timeout)


def watch(supervisor: Supervisor, *, until: Callable[[], bool]) -> None:
    supervisor.watch(Until(until))


def answers(stack: Stack) -> bool:
    with redis.Redis.from_url(stack.redis_url, retry=None) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False
