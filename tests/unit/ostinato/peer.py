"""A scripted peer for what a healthy gateway seldom does: cut lines, lost answers, 503.

It speaks real HTTP on a real port. What the gateway means by its answers is tested end to end.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the peer says to one request; `cut` ends it without its last chunk."""

    body: str | bytes = b""
    status: int = 200
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


class LineCut(Exception):
    """Makes the server drop the connection in mid-answer."""


@dataclass(slots=True, kw_only=True)
class Peer:
    """Gives each path's answers in turn, the last of them for ever, and remembers who asked what."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def will_say(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)

    async def respond(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        self.requests.append(request)
        answers = self.answers[request.url.path]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer.cut:
            return StreamingResponse(_cut(answer), media_type=answer.media_type)
        return Response(answer.body, answer.status, answer.headers, answer.media_type)


async def _cut(answer: Answer):
    yield answer.body
    raise LineCut


@contextmanager
def running_peer() -> Iterator[Peer]:
    peer = Peer()
    app = Starlette(routes=[Route("/{path:path}", peer.respond, methods=["GET", "POST"])])
    config = uvicorn.Config(
        app, port=0, log_config=None, log_level="critical", lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    peer.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield peer
    finally:
        server.should_exit = True
        thread.join()
