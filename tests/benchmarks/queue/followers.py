"""Many clients, each of which follows one job over a WebSocket until it ends."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.benchmarks.queue.http_load import Target

OPENING_AT_ONCE = 32
TIMEOUT_SECONDS = 120


@dataclass(slots=True, kw_only=True)
class Followed:
    """What a client has received."""

    job_id: str
    opened_in: float = 0.0
    """Seconds until the WebSocket was open."""
    num_events: int = 0
    missed: int = 0
    """Events whose numbers were skipped."""
    final_state: str = ""


class Followers:
    """One WebSocket for each of these jobs; all are open when the block begins."""

    def __init__(self, target: Target, job_ids: Sequence[str]) -> None:
        self._target = target
        self.followed = [Followed(job_id=job_id) for job_id in job_ids]
        self._opening = asyncio.Semaphore(OPENING_AT_ONCE)
        self._sockets: list[ClientConnection] = []

    async def __aenter__(self) -> "Followers":
        self._sockets = await asyncio.gather(*map(self._open, self.followed))
        self._readers = [
            asyncio.create_task(_read(socket, followed))
            for socket, followed in zip(self._sockets, self.followed, strict=True)
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        await asyncio.gather(*(socket.close() for socket in self._sockets))

    async def wait_until_ended(self) -> None:
        """Wait until every job has ended; those that do not have no final state."""
        await asyncio.wait(self._readers, timeout=TIMEOUT_SECONDS)

    async def _open(self, followed: Followed) -> ClientConnection:
        url = f"{self._target.url.replace('http', 'ws', 1)}/v1/jobs/{followed.job_id}/events"
        headers = {"Authorization": f"Bearer {self._target.key}"}
        async with self._opening:
            started = time.perf_counter()
            socket = await connect(
                url, additional_headers=headers, proxy=None, open_timeout=TIMEOUT_SECONDS
            )
            followed.opened_in = time.perf_counter() - started
        return socket


async def _read(socket: ClientConnection, followed: Followed) -> None:
    async for frame in socket:
        event: dict[str, Any] = json.loads(frame)
        followed.missed += event["seq"] - followed.num_events - 1
        followed.num_events = event["seq"]
        if event["kind"] == "job":
            followed.final_state = event["state"]
