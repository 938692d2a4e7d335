"""An HTTP server with scripted responses: failures that a healthy gateway rarely has.

It listens on a real port, and can cut connections, lose responses or return 503. The gateway's
own responses are tested end to end.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from ostinato.schemas.generations import GenerationRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedResponse:
    """One response, and whether its body is complete, cut off or never ends."""

    body: str | bytes = b""
    status: int = 200
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    ending: Literal["complete", "cut", "hang"] = "complete"


class ConnectionCut(Exception):
    """Makes the server drop the connection in the middle of a response."""


@dataclass(slots=True, kw_only=True)
class ScriptedServer:
    """Returns each path's responses in order and repeats the last one; records all requests."""

    url: str = ""
    responses: dict[str, list[ScriptedResponse]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def reset(self) -> None:
        """Forget all responses and requests."""
        for entries in (self.responses, self.requests, self.bodies):
            entries.clear()

    def script(self, path: str, *responses: ScriptedResponse | str | bytes) -> None:
        self.responses[path] = [
            response if isinstance(response, ScriptedResponse) else ScriptedResponse(body=response)
            for response in responses
        ]

    def count_requests(self, path: str) -> int:
        return sum(request.url.path == path for request in self.requests)

    async def respond(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        self.requests.append(request)
        responses = self.responses[request.url.path]
        response = responses.pop(0) if len(responses) > 1 else responses[0]
        if response.ending == "complete":
            return Response(response.body, response.status, response.headers, response.media_type)
        return StreamingResponse(_incomplete(response), media_type=response.media_type)


async def _incomplete(response: ScriptedResponse) -> AsyncIterator[str | bytes]:
    yield response.body
    if response.ending == "cut":
        raise ConnectionCut
    await asyncio.Event().wait()


@contextmanager
def running_server(port: int = 0) -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    app = Starlette(
        routes=[Route("/{path:path}", scripted.respond, methods=["GET", "POST", "DELETE"])]
    )
    config = uvicorn.Config(
        app, port=port, log_config=None, log_level="critical", lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    listener.listen()  # connections before the start of the server wait for it
    scripted.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield scripted
    finally:
        server.should_exit = True
        thread.join()


def posted_generation(server: ScriptedServer) -> GenerationRequest:
    """The generation request that the server received."""
    paths = [request.url.path for request in server.requests]
    body = server.bodies[paths.index("/v1/generations")]
    return GenerationRequest.model_validate_json(body)
