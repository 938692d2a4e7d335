"""A scripted peer for what a healthy gateway seldom does: cut lines, lost answers, 503.

It speaks real HTTP on a real port. What the gateway means by its answers is tested end to end.
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
class Answer:
    """What the peer says to one request, and how it stops: whole, cut in the middle, or never."""

    body: str | bytes = b""
    status: int = 200
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    then: Literal["end", "cut", "silence"] = "end"


class LineCut(Exception):
    """Makes the server drop the connection in mid-answer."""


@dataclass(slots=True, kw_only=True)
class Peer:
    """Gives a path's answers in turn, the last one for ever, and remembers who asked what."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def will_say(self, path: str, *answers: Answer | str | bytes) -> None:
        self.answers[path] = [
            answer if isinstance(answer, Answer) else Answer(body=answer) for answer in answers
        ]

    def asked(self, path: str) -> int:
        return sum(request.url.path == path for request in self.requests)

    async def respond(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        self.requests.append(request)
        answers = self.answers[request.url.path]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer.then == "end":
            return Response(answer.body, answer.status, answer.headers, answer.media_type)
        return StreamingResponse(_unfinished(answer), media_type=answer.media_type)


async def _unfinished(answer: Answer) -> AsyncIterator[str | bytes]:
    yield answer.body
    if answer.then == "cut":
        raise LineCut
    await asyncio.Event().wait()


@contextmanager
def running_peer(port: int = 0) -> Iterator[Peer]:
    peer = Peer()
    app = Starlette(routes=[Route("/{path:path}", peer.respond, methods=["GET", "POST"])])
    config = uvicorn.Config(
        app, port=port, log_config=None, log_level="critical", lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    listener.listen()  # who comes before the server has begun waits for it
    peer.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield peer
    finally:
        server.should_exit = True
        thread.join()


def request_to(peer: Peer) -> GenerationRequest:
    """The job that was asked for."""
    paths = [request.url.path for request in peer.requests]
    body = peer.bodies[paths.index("/v1/generations")]
    return GenerationRequest.model_validate_json(body)
