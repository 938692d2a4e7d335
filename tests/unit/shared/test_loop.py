"""A loop outlives outages and mistakes, and tells of an outage once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from shared.background import at_last, every
from shared.errors import Unavailable


async def turns(count: int, step: Callable[[int], None]) -> None:
    """Let a loop make `count` turns of `step`."""
    done = asyncio.Event()
    turn = 0

    async def counted() -> None:
        nonlocal turn
        turn += 1
        if turn > count:
            done.set()
            return
        step(turn)

    task: Awaitable[None] = asyncio.ensure_future(every(0, "The loop", counted))
    await asyncio.wait_for(done.wait(), 5)
    assert isinstance(task, asyncio.Task)
    task.cancel()


async def test_an_outage_is_told_once_and_its_end_too(caplog: pytest.LogCaptureFixture) -> None:
    def step(turn: int) -> None:
        if turn < 4:
            raise Unavailable("Redis")

    with caplog.at_level(logging.INFO):
        await turns(5, step)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_a_mistake_is_told_with_its_cause_and_the_loop_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def step(turn: int) -> None:
        if turn == 1:
            raise ZeroDivisionError

    await turns(3, step)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert caplog.records[0].exc_info is not None


async def test_what_is_done_at_last_is_done_once_and_its_outage_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loop, "RETRY_SECONDS", 0.0)
    turns = iter(range(9))

    async def step() -> int:
        turn = next(turns)
        if turn < 3:
            raise Unavailable("PostgreSQL")
        return turn

    assert await at_last("The errand", step) == 3
    assert [record.levelname for record in caplog.records] == ["WARNING"]
