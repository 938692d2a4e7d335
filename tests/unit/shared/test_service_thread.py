"""The event loop in a thread: results, errors, background tasks and the end of the thread."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from shared.service_thread import ServiceThread


@pytest.fixture
def thread() -> Iterator[ServiceThread]:
    thread = ServiceThread()
    thread.start()
    yield thread
    thread.run(thread.cancel_tasks())
    thread.stop()


async def current_thread_name() -> str:
    return threading.current_thread().name


def test_run_returns_the_result_from_the_event_loop_thread(thread: ServiceThread) -> None:
    assert thread.run(current_thread_name()) == "event-loop"
    assert threading.current_thread().name != "event-loop"


def test_run_raises_the_error_of_the_coroutine(thread: ServiceThread) -> None:
    async def fail() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        thread.run(fail())


def test_a_task_runs_in_the_background_until_it_is_cancelled(thread: ServiceThread) -> None:
    events: list[str] = []
    started = threading.Event()

    async def wait_forever() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            events.append("cancelled")

    async def start_task() -> None:
        thread.create_task(wait_forever())

    thread.run(start_task())
    assert started.wait(5)
    assert events == []
    thread.run(thread.cancel_tasks())
    assert events == ["cancelled"]


def test_cancel_tasks_ignores_tasks_that_ended_or_failed(thread: ServiceThread) -> None:
    async def fail() -> None:
        raise ValueError("broken")

    async def start_task() -> None:
        thread.create_task(fail())
        thread.create_task(asyncio.sleep(0))

    thread.run(start_task())
    thread.run(thread.cancel_tasks())


def test_stop_ends_the_thread() -> None:
    thread = ServiceThread()
    thread.start()
    thread.stop()
    assert "event-loop" not in {thread.name for thread in threading.enumerate()}
