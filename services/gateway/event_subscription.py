"""A client's subscription to a job's events: each event once, in order, resumable.

If Redis has lost the stream, it is rebuilt from PostgreSQL. If it has lost its last events only, as
after some failovers, they are appended again once the job has ended.
"""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import NamedTuple, Self
from uuid import UUID

from ostinato.schemas.events import Event, JobEvent, ResyncEvent
from services.gateway.app_state import AppState
from services.gateway.stream_rebuild import rebuild_stream
from shared.broker.streams import MAX_EVENTS
from shared.db.job_queue.job_store import JobStore
from shared.errors import InvalidRequest, NotFound, Unavailable

FIRST_WAIT_SECONDS, MAX_WAIT_SECONDS = 1, 16
"""A subscription that is not notified reads the stream after so many seconds, later after twice the
time: a lost message delays an event little, and idle subscriptions cost Redis little."""
FIRST_CHECK_SECONDS = 4
"""Without events for so long, a subscription checks whether the job has ended; then after twice the
time, and so on, so that many idle subscriptions cost PostgreSQL little."""
POSITION = re.compile("(.+):([0-9]{1,18})")


class Position(NamedTuple):
    """The last event that a client has received."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.seq}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `epoch:seq`.

        Raises:
            InvalidRequest: the text has another format.
        """
        match = POSITION.fullmatch(text)
        if match is None:
            raise InvalidRequest("after is the id of an event: `epoch:seq`.", field="after")
        return cls(match[1], int(match[2]))


class JobEventSubscription:
    """Reads the events of one job."""

    def __init__(self, app: AppState, job_id: UUID, owner: str) -> None:
        self._app = app
        self._job_id = job_id
        self._owner = owner
        self._epoch = ""
        self._seq = 0
        self._has_ended = False

    async def resume_from(self, after: Position | None) -> ResyncEvent | None:
        """Continue after this event, or start from the first one.

        If the stream no longer contains the event, the subscription starts from the first one, and
        the result is a resync event, which the client must receive first.

        Raises:
            Unavailable: Redis or PostgreSQL does not answer.
        """
        self._epoch = await self._current_epoch()
        if after is None:
            return None
        if after.epoch != self._epoch:
            return self._resync(self._epoch)
        if after.seq > 0:
            received = await self._app.streams.read(self._job_id, after.seq - 1)
            if not received:
                return self._resync(self._epoch)
            self._has_ended = _is_terminal(received[0])
        self._seq = after.seq
        return None

    async def events(self) -> AsyncGenerator[Event | None]:
        """Yield events as they are published, the terminal one last.

        While there are none it yields None from time to time. If the job is deleted, the events
        end.
        """
        with suppress(NotFound), self._app.streams.listen(self._job_id) as is_changed:
            async for event in self._events(is_changed):
                yield event

    async def _events(self, is_changed: asyncio.Event) -> AsyncGenerator[Event | None]:
        idle, next_check = 0, FIRST_CHECK_SECONDS
        while not self._has_ended:
            is_changed.clear()
            batch = await self._app.streams.read(self._job_id, self._seq)
            events = [event for event in batch if event.epoch == self._epoch]
            for event in events:
                yield event
                self._seq = event.seq
                if _is_terminal(event):
                    return
            if events:
                idle, next_check = 0, FIRST_CHECK_SECONDS
            elif (epoch := await self._current_epoch()) != self._epoch:
                yield self._resync(epoch)
                continue
            elif idle >= next_check:
                next_check *= 2
                await self._complete_ended_stream()
                continue
            wait = min(max(idle, FIRST_WAIT_SECONDS), MAX_WAIT_SECONDS)
            if len(events) < MAX_EVENTS and not await _wait(is_changed, wait):
                yield None
                idle += wait

    async def _complete_ended_stream(self) -> None:
        """Append what the stream lacks if the job has ended; in an outage, a later check does.

        Raises:
            NotFound: the job was deleted.
        """
        with suppress(Unavailable):
            async with self._app.database.connection() as connection:
                job = await JobStore(connection).status(self._job_id, self._owner)
            if job.state.is_terminal:
                await rebuild_stream(self._app, self._job_id, self._owner)

    def _resync(self, epoch: str) -> ResyncEvent:
        self._epoch, self._seq = epoch, 0
        return ResyncEvent(epoch=epoch, seq=0, at=0)

    async def _current_epoch(self) -> str:
        epoch = await self._app.streams.epoch(self._job_id)
        while epoch is None:
            await rebuild_stream(self._app, self._job_id, self._owner)
            epoch = await self._app.streams.epoch(self._job_id)
        return epoch


async def _wait(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event is set within this time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


def _is_terminal(event: Event) -> bool:
    return isinstance(event, JobEvent) and event.state.is_terminal
