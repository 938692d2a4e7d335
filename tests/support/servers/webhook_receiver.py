"""A receiver of webhooks: a real HTTP or HTTPS server on the loopback interface."""

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any, Self

from standardwebhooks.webhooks import Webhook

WAIT_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request that arrived."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verify(self, secret: str) -> Any:  # noqa: ANN401 - JSON
        """The event in the body, whose signature has to be valid."""
        return Webhook(secret).verify(self.body, dict(self.headers))


class WebhookReceiver:
    """Answers with the statuses in `answers`, in order, and then with 204."""

    def __init__(self, address: str = "127.0.0.1", port: int = 0) -> None:
        self.answers: list[tuple[int, Mapping[str, str]]] = []
        self.received: Queue[Received] = Queue()
        self.endless = False
        """Whether answers never end."""
        self.may_answer = threading.Event()
        """Answers wait for it, if the body contains `held`."""
        self.held = b""
        self.may_answer.set()
        self.server = _Server((address, port), _Handler)
        self.server.receiver = self
        self.port = self.server.server_port
        self.url = f"http://{address}:{self.port}/ostinato"
        self._thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}
        )

    def use_tls(self, certificate: str, key: str) -> None:
        """Serve HTTPS from now on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False
        )

    def next(self) -> Received:
        """The next request; it must arrive soon."""
        return self.received.get(timeout=WAIT_SECONDS)

    def wait_for(self, text: bytes) -> Received:
        """The next request whose body contains this text."""
        while text not in (request := self.next()).body:
            pass
        return request

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.may_answer.set()
        self.endless = False
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: WebhookReceiver

    def handle_error(self, *_: object) -> None:
        """Nothing: a sender may close a connection, or reject the certificate."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        receiver.received.put(Received(path=self.path, headers=headers, body=body))
        if receiver.held in body:
            receiver.may_answer.wait(WAIT_SECONDS)
        status, fields = receiver.answers.pop(0) if receiver.answers else (204, {})
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        while receiver.endless:
            self.wfile.write(b"x" * 65_536)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def receivers(*addresses: str) -> Iterator[list[WebhookReceiver]]:
    """Receivers with the same port on several addresses."""
    with WebhookReceiver(addresses[0]) as first:
        others = [WebhookReceiver(address, first.port) for address in addresses[1:]]
        for other in others:
            other.__enter__()
        try:
            yield [first, *others]
        finally:
            for other in others:
                other.__exit__()
