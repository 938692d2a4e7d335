"""A TCP proxy that loses the reply to a chosen message: the write succeeds, the caller sees none.

The proxy stands between a service and PostgreSQL or Redis. It forwards the message, waits until
the server has answered, drops the answer and closes the connection, as a network that fails at the
worst moment does.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Self
from urllib.parse import urlsplit

CHUNK_BYTES = 65536
TIMEOUT_SECONDS = 10


class LossyProxy:
    """Forwards connections to the server of a URL; `lose_reply` arms it once."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._marks: list[bytes] = []
        self._port = 0
        self._is_open = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self.lost = threading.Event()
        """Set when a reply was lost."""

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._is_open.wait(TIMEOUT_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._closed.set)
        self._thread.join(TIMEOUT_SECONDS)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._closed = asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()
        listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self._port = listener.sockets[0].getsockname()[1]
        self._is_open.set()
        await self._closed.wait()
        listener.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._connect(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    @property
    def url(self) -> str:
        """The URL of the server through this proxy."""
        port = self._port
        user_info = self._url.netloc.rpartition("@")[0]
        netloc = f"{user_info}@127.0.0.1:{port}" if user_info else f"127.0.0.1:{port}"
        return self._url._replace(netloc=netloc).geturl()

    def lose_reply(self, *marks: bytes) -> None:
        """Lose the reply to the first message that completes these marks.

        They have to appear on one connection, one after the other; the last one is part of the
        message whose reply is lost.
        """
        self.lost.clear()
        self._marks = list(marks)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(self)
        async with closing_writer(writer):
            try:
                opened = await asyncio.open_connection(self._url.hostname, self._url.port)
            except OSError:
                return
            async with closing_writer(opened[1]):
                directions = [
                    asyncio.ensure_future(connection.forward(reader, opened[1])),
                    asyncio.ensure_future(connection.backward(opened[0], writer)),
                ]
                try:
                    await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for task in directions:
                        task.cancel()
                    await asyncio.gather(*directions, return_exceptions=True)

    def remaining(self, seen: int) -> list[bytes]:
        """The marks that a connection has not shown yet."""
        return self._marks[seen:]

    def report_loss(self) -> None:
        """Disarm the proxy."""
        self._marks = []
        self.lost.set()


@asynccontextmanager
async def closing_writer(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """Close a connection at the end of the block."""
    try:
        yield
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


class _Connection:
    """One connection of a service: how many marks it has shown, and whether a reply gets lost."""

    def __init__(self, proxy: LossyProxy) -> None:
        self._proxy = proxy
        self._seen = 0
        self._loses_reply = False

    async def forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """From the service to the server."""
        while data := await reader.read(CHUNK_BYTES):
            remaining = self._proxy.remaining(self._seen)
            while remaining and remaining[0] in data:
                self._seen += 1
                remaining = self._proxy.remaining(self._seen)
                self._loses_reply = not remaining
            writer.write(data)
            await writer.drain()

    async def backward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """From the server to the service, until a reply gets lost."""
        while data := await reader.read(CHUNK_BYTES):
            if self._loses_reply:
                self._proxy.report_loss()
                return
            writer.write(data)
            await writer.drain()
