"""Background loops survive outages and errors, and log an outage once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from shared import background
from shared.background import retry_until_available, run_periodically
from shared.errors import Unavailable


async def run_times(count: int, step: Callable[[int], None]) -> None:
    """Run `step` periodically, `count` times, with the number of the pass as argument."""
    done = asyncio.Event()
    number = 0

    async def counted() -> None:
        nonlocal number
        number += 1
        if number > count:
            done.set()
            return
        step(number)

    task: Awaitable[None] = asyncio.ensure_future(run_periodically(0, "The loop", counted))
    await asyncio.wait_for(done.wait(), 5)
    assert isinstance(task, asyncio.Task)
    task.cancel()


async def test_an_outage_and_its_end_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    def step(number: int) -> None:
        if number < 4:
            raise Unavailable("Redis")

    with caplog.at_level(logging.INFO):
        await run_times(5, step)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_an_error_is_logged_with_its_cause_and_the_loop_continues(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def step(number: int) -> None:
        if number == 1:
            raise ZeroDivisionError

    await run_times(3, step)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert caplog.records[0].exc_info is not None


async def test_retry_until_available_logs_an_outage_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background, "RETRY_SECONDS", 0.0)
    numbers = iter(range(9))

    async def step() -> int:
        number = next(numbers)
        if number < 3:
            raise Unavailable("PostgreSQL")
        return number

    assert await retry_until_available("The step", step) == 3
    assert [record.levelname for record in caplog.records] == ["WARNING"]
