"""A server with limits, and clients that send any bytes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import NamedTuple, Self

import uvicorn
from starlette.types import Message, Receive, Scope, Send
from uvicorn.server import ServerState

from services.gateway.server.protocol import ConnectionLimits, LimitedHttpProtocol

HOST = "127.0.0.1"
GET = b"GET / HTTP/1.1\r\nhost: a\r\n"
POST = b"POST / HTTP/1.1\r\nhost: a\r\n"


class Response(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The code of a problem."""
        assert self.headers["content-type"] == "application/problem+json"
        problem = json.loads(self.body)
        assert problem["status"] == self.status
        assert problem["detail"].endswith(".")
        return str(problem["code"])


class Connection:
    """A client that sends any bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> Self:
        self._writer.write(data)
        await self._writer.drain()
        return self

    async def response(self) -> Response:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        status, *lines = head.strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        body = await self._reader.readexactly(int(headers["content-length"]))
        return Response(int(status.split()[1]), headers, body)

    async def read_all(self) -> bytes:
        """What arrives until the server closes the connection."""
        received = bytearray()
        with suppress(ConnectionError):
            while part := await self._reader.read(100_000):
                received += part
        return bytes(received)

    async def is_closed(self) -> bool:
        """Whether the server closes the connection without sending anything more."""
        return await self.read_all() == b""

    async def close(self) -> None:
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


class App:
    """Reads the body, unless the path is /early, and responds with its length.

    The response of /endless ends when the client has disconnected.
    """

    def __init__(self) -> None:
        self.disconnects = 0
        self.delay = 0.0
        self.ended = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await receive()
        elif scope["path"] == "/endless":
            await self._send_without_end(receive, send)
        else:
            length = 0 if scope["path"] == "/early" else await self._read(receive)
            await asyncio.sleep(self.delay)
            body = b"%d" % length
            headers = [(b"content-length", b"%d" % len(body))]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    async def _send_without_end(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        disconnect = asyncio.ensure_future(receive())
        while not disconnect.done():
            part = {"type": "http.response.body", "body": b"x" * 100_000, "more_body": True}
            await send(part)
            await asyncio.sleep(0)
        self.ended.set()

    async def _read(self, receive: Receive) -> int:
        length = 0
        while True:
            message: Message = await receive()
            if message["type"] == "http.disconnect":
                self.disconnects += 1
                return length
            length += len(message["body"])
            if not message["more_body"]:
                return length


class Gateway:
    """A server with limits, and its clients."""

    def __init__(self, server: asyncio.Server, app: App) -> None:
        self.port: int = server.sockets[0].getsockname()[1]
        self.app = app
        self.connections: list[Connection] = []

    async def connect(self) -> Connection:
        connection = Connection(*await asyncio.open_connection(HOST, self.port))
        self.connections.append(connection)
        return connection

    async def send(self, data: bytes) -> Connection:
        """A new connection, on which these bytes were sent."""
        return await (await self.connect()).send(data)

    async def wait_until_it_accepts(self) -> None:
        """Wait until the server has seen that a connection was closed."""
        while (await (await self.send(GET + b"\r\n")).response()).status != 200:
            pass


@asynccontextmanager
async def gateway(**limits: float) -> AsyncIterator[Gateway]:
    """The protocol on a socket; `uvicorn.Server` would wait 0.1 s several times to stop."""
    defaults = ConnectionLimits(100, 100, receive_timeout=20)
    app, state = App(), ServerState()
    protocol = partial(
        LimitedHttpProtocol,
        limits=defaults._replace(**limits),  # type: ignore[arg-type]
        config=uvicorn.Config(app, lifespan="off", log_config=None),
        server_state=state,
        app_state={},
    )
    async with await asyncio.get_running_loop().create_server(protocol, HOST, 0) as server:
        clients = Gateway(server, app)
        try:
            yield clients
        finally:
            for connection in clients.connections:
                await connection.close()
            for task in state.tasks:
                task.cancel()
            while state.connections or state.tasks:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.001)
