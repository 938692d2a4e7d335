"""One subscriber of one job: every event once, in order, from wherever it left off.

If Redis has lost the stream it is told again from PostgreSQL. Refuses to know by which wire the
events leave.
"""

import re
from collections.abc import AsyncGenerator
from typing import NamedTuple, Self
from uuid import UUID

from ostinato.schemas.events import Event, JobEvent, ResyncEvent
from services.gateway.app_state import State
from services.gateway.event_replay import tell_again
from shared.errors import InvalidRequest

POSITION = re.compile("(.+):([0-9]{1,18})")


class Position(NamedTuple):
    """The last event that a subscriber has seen."""

    epoch: str
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.seq}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `epoch:seq`.

        Raises:
            InvalidRequest: it is not that.
        """
        read = POSITION.fullmatch(text)
        if read is None:
            raise InvalidRequest("after is the id of an event: `epoch:seq`.", field="after")
        return cls(read[1], int(read[2]))


class Subscription:
    """Follows one job."""

    def __init__(self, gateway: State, job_id: UUID, owner: str) -> None:
        self._gateway = gateway
        self._job_id = job_id
        self._owner = owner
        self._epoch = ""
        self._seq = 0
        self._has_ended = False

    async def begin(self, after: Position | None) -> ResyncEvent | None:
        """Find the place; what to say first, if it is no longer there.

        Raises:
            Unavailable: Redis or PostgreSQL does not answer.
        """
        self._epoch = await self._present_epoch()
        if after is None:
            return None
        if after.epoch != self._epoch:
            return self._resync(self._epoch)
        if after.seq > 0:
            heard = await self._gateway.streams.read(self._job_id, after.seq - 1)
            if not heard:
                return self._resync(self._epoch)
            self._has_ended = _is_last(heard[0])
        self._seq = after.seq
        return None

    async def events(self) -> AsyncGenerator[Event | None]:
        """Events as they come, the terminal one last; None whenever a second passed without."""
        while not self._has_ended:
            batch = await self._gateway.streams.read(self._job_id, self._seq)
            for event in batch:
                if event.epoch != self._epoch:
                    break
                yield event
                self._seq = event.seq
                if _is_last(event):
                    return
            else:
                if batch:
                    continue
                yield None
            epoch = await self._present_epoch()
            if epoch != self._epoch:
                yield self._resync(epoch)

    def _resync(self, epoch: str) -> ResyncEvent:
        self._epoch, self._seq = epoch, 0
        return ResyncEvent(epoch=epoch, seq=0, at=0)

    async def _present_epoch(self) -> str:
        epoch = await self._gateway.streams.epoch(self._job_id)
        while epoch is None:
            await tell_again(self._gateway, self._job_id, self._owner)
            epoch = await self._gateway.streams.epoch(self._job_id)
        return epoch


def _is_last(event: Event) -> bool:
    return isinstance(event, JobEvent) and event.state.is_terminal
