"""What the sender connects to, and what it does with answers; with real receivers."""

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.dispatcher.webhooks.sender import Outcome, WebhookSender
from tests.support.servers.webhook_receiver import WebhookReceiver, receivers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PUBLIC = "93.184.215.14"
SYSTEM_RESOLVER = socket.getaddrinfo


@asynccontextmanager
async def sender(
    *,
    allow_local: bool = True,
    timeout_seconds: float = 10.0,
    ssl_context: ssl.SSLContext | None = None,
) -> AsyncIterator[Callable[[str], "asyncio.Future[Outcome]"]]:
    """A function that sends a request to a URL."""
    sender = WebhookSender(
        timeout_seconds=timeout_seconds, allow_local=allow_local, ssl_context=ssl_context
    )

    def send(url: str) -> "asyncio.Future[Outcome]":
        return asyncio.ensure_future(sender.send(url, uuid4(), "{}", SECRET))

    yield send
    await sender.close()


class Resolver:
    """Answers for names that end with `.test`, with each list of addresses once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.answers = list(answers)
        monkeypatch.setattr(socket, "getaddrinfo", self.resolve)

    def resolve(self, host: str, port: int, *args: object, **kwargs: object) -> object:
        if not host.endswith(".test"):
            return SYSTEM_RESOLVER(host, port, *args, **kwargs)  # type: ignore[arg-type]
        addresses = self.answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]


async def test_the_name_is_resolved_once_and_the_connection_pinned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name whose second look-up has another address: DNS rebinding."""
    with receivers("127.0.0.1", "127.0.0.2") as (first, second):
        resolver = Resolver(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
        async with sender() as send:
            outcome = await send(f"http://hooks.test:{first.port}/ostinato?a=b")
        assert outcome == Outcome(status=204)
        request = first.next()
        assert (request.headers["host"], request.path) == (
            f"hooks.test:{first.port}",
            "/ostinato?a=b",
        )
        assert resolver.answers == [["127.0.0.2"]]
        assert second.received.empty()


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("http://hooks.test", [PUBLIC]),
        ("https://127.0.0.1:{port}", []),
        ("https://[::1]:{port}", []),
        ("https://[::ffff:127.0.0.1]:{port}", []),
        ("https://localhost:{port}", []),
        ("https://127.1:{port}", []),
        ("https://2130706433:{port}", []),
        ("https://0x7f000001:{port}", []),
        ("https://hooks.test:{port}", ["127.0.0.1"]),
        ("https://hooks.test:{port}", [PUBLIC, "127.0.0.1"]),
        ("https://hooks.test:{port}", ["::ffff:127.0.0.1"]),
        ("https://hooks.test:{port}", ["64:ff9b::7f00:1"]),
    ],
)
async def test_nothing_is_sent_to_what_is_not_public(
    receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch, url: str, addresses: list[str]
) -> None:
    connections: list[object] = []
    Resolver(monkeypatch, addresses)
    monkeypatch.setattr(receiver.server, "verify_request", lambda *args: connections.append(args))
    async with sender(allow_local=False) as send:
        outcome = await send(url.format(port=receiver.port))
    assert outcome.status is None
    assert "public" in str(outcome.error) or "https" in str(outcome.error)
    assert all(address not in str(outcome.error) for address in addresses)
    assert connections == []


async def test_a_redirect_is_not_followed(receiver: WebhookReceiver) -> None:
    receiver.answers = [(302, {"Location": receiver.url + "/other"})]
    async with sender() as send:
        outcome = await send(receiver.url)
    assert outcome == Outcome(status=302, error="The answer was 302.")
    assert receiver.received.qsize() == 1


async def test_proxies_of_the_environment_are_not_used(
    receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WebhookReceiver() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        async with sender() as send:
            assert await send(receiver.url) == Outcome(status=204)
        assert proxy.received.empty()


async def test_an_endless_answer_is_not_read_to_its_end(receiver: WebhookReceiver) -> None:
    receiver.endless = True
    receiver.answers = [(200, {})]
    async with sender(timeout_seconds=60) as send:
        async with asyncio.timeout(20):
            assert await send(receiver.url) == Outcome(status=200)


async def test_a_receiver_that_does_not_answer_is_left(receiver: WebhookReceiver) -> None:
    receiver.may_answer.clear()
    async with sender(timeout_seconds=0.2) as send:
        outcome = await send(receiver.url)
    assert outcome == Outcome(error="127.0.0.1 did not answer within 0.2 s.")


async def test_the_next_address_is_tried_if_no_connection_is_possible(
    receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    Resolver(monkeypatch, ["127.0.0.3", "127.0.0.1"], ["127.0.0.3"], [])
    async with sender() as send:
        assert await send(f"http://hooks.test:{receiver.port}") == Outcome(status=204)
        outcome = await send(f"http://hooks.test:{receiver.port}")
        assert outcome == Outcome(error="No connection to hooks.test was possible.")
        outcome = await send(f"http://hooks.test:{receiver.port}")
        assert outcome == Outcome(error="The name hooks.test cannot be resolved.")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for hooks.test, which is its own authority, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    files = folder / "certificate.pem", folder / "key.pem"
    command = (
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-subj /CN=hooks.test -addext subjectAltName=DNS:hooks.test"
    )
    outputs = ("-out", str(files[0]), "-keyout", str(files[1]))
    subprocess.run([openssl, *command.split(), *outputs], check=True, capture_output=True)
    return files


async def test_the_certificate_has_to_be_that_of_the_name(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(cafile=certificate[0])
    Resolver(monkeypatch, ["127.0.0.1"], ["127.0.0.1"])
    receiver = WebhookReceiver()
    receiver.use_tls(*map(str, certificate))
    with receiver:
        async with sender(ssl_context=context) as send:
            assert await send(f"https://hooks.test:{receiver.port}/") == Outcome(status=204)
            assert receiver.next().headers["host"] == f"hooks.test:{receiver.port}"
            outcome = await send(f"https://other.test:{receiver.port}/")
        message = "There is no valid TLS connection to other.test: check its certificate."
        assert outcome == Outcome(error=message)
        assert receiver.received.empty()


async def test_the_signature_is_that_of_the_specification(receiver: WebhookReceiver) -> None:
    async with sender() as send:
        await send(receiver.url)
    request = receiver.next()
    assert request.verify(SECRET) == {}
    assert UUID(request.id)
    assert request.headers["content-type"] == "application/json"
