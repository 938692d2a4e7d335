"""Errors, lost responses and retries."""

import io
import socket
from collections.abc import Iterator
from contextlib import closing
from threading import Thread

import pytest

from ostinato.errors import ApiError, ConnectionLost, Unreachable
from ostinato.transport import Transport
from tests.unit.ostinato.command_line import wait_until
from tests.unit.ostinato.payloads import problem
from tests.unit.ostinato.scripted_server import ScriptedResponse, ScriptedServer, running_server


def a_closed_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


@pytest.fixture
def transport(server: ScriptedServer) -> Iterator[Transport]:
    with closing(Transport(server.url, "a-key")) as transport:
        yield transport


def test_every_request_carries_the_key(server: ScriptedServer, transport: Transport) -> None:
    server.script("/v1/models", b"{}")
    transport.get("/v1/models")
    assert server.requests[0].headers["authorization"] == "Bearer a-key"


def test_problem_details_become_an_api_error(server: ScriptedServer, transport: Transport) -> None:
    server.script("/v1/jobs/x", problem(404, "job_not_found", "There is no job 'x'.", noun="job"))
    with pytest.raises(ApiError) as caught:
        transport.get("/v1/jobs/x")
    error = caught.value
    assert (error.status, error.code, error.detail) == (
        404,
        "job_not_found",
        "There is no job 'x'.",
    )
    assert error.extra == {"noun": "job"}


def test_a_response_without_problem_details_is_reported_as_unexpected(
    server: ScriptedServer, transport: Transport
) -> None:
    server.script(
        "/v1/models", ScriptedResponse(body="<h1>Hello</h1>", status=404, media_type="text/html")
    )
    with pytest.raises(ApiError, match="check the address") as caught:
        transport.get("/v1/models")
    assert caught.value.code == "unexpected_response"


def test_a_refused_connection_raises_at_once_and_names_the_reason() -> None:
    url = f"http://127.0.0.1:{a_closed_port()}"
    expected = pytest.raises(Unreachable, match=f"Nothing answers at {url}: .* refused; is the")
    with closing(Transport(url, None)) as transport, expected:
        transport.get("/v1/models")


def test_the_proxy_of_the_environment_is_not_used_for_the_local_stack(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{a_closed_port()}")
    server.script("/v1/models", b"{}")
    with closing(Transport(server.url, None)) as transport:
        assert transport.get("/v1/models") == b"{}"
    assert "authorization" not in server.requests[0].headers


def test_a_post_with_a_key_is_retried_with_the_same_key(
    server: ScriptedServer, transport: Transport
) -> None:
    server.script("/v1/generations", ScriptedResponse(body="{", ending="cut"), b"done")
    body = transport.post("/v1/generations", b"please", {"Idempotency-Key": "one"})
    assert body == b"done"
    assert [request.headers["idempotency-key"] for request in server.requests] == ["one", "one"]
    assert server.bodies == [b"please", b"please"]


def test_a_post_without_a_key_is_not_retried(server: ScriptedServer, transport: Transport) -> None:
    server.script("/v1/jobs/x/cancel", ScriptedResponse(body="{", ending="cut"), b"done")
    with pytest.raises(ConnectionLost):
        transport.post("/v1/jobs/x/cancel")
    assert len(server.requests) == 1


def test_503_is_retried_after_its_retry_after(
    server: ScriptedServer, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    delays: list[float] = []
    monkeypatch.setattr("ostinato.retry.time.sleep", delays.append)
    unavailable = problem(503, "unavailable", "Unavailable.", retry_after=2)
    server.script("/v1/jobs", unavailable, unavailable, b"done")
    assert transport.get("/v1/jobs") == b"done"
    assert delays == [2.0, 2.0]


def test_429_of_a_quota_is_not_retried(server: ScriptedServer, transport: Transport) -> None:
    full = problem(429, "too_many_requests", "The queue is full.", retry_after=1)
    server.script("/v1/generations", full)
    with pytest.raises(ApiError, match="The queue is full") as caught:
        transport.post("/v1/generations", b"", {"Idempotency-Key": "one"})
    assert caught.value.retry_after == 1.0
    assert len(server.requests) == 1


@pytest.mark.parametrize("code", ["rate_limited", "too_many_connections", "too_many_streams"])
def test_429_of_a_rate_is_retried_after_its_retry_after_even_without_a_key(
    server: ScriptedServer, transport: Transport, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    delays: list[float] = []
    monkeypatch.setattr("ostinato.retry.time.sleep", delays.append)
    server.script("/v1/jobs/x/cancel", problem(429, code, "Slow down.", retry_after=2), b"done")
    assert transport.post("/v1/jobs/x/cancel") == b"done"
    assert delays == [2.0]


def test_a_file_is_sent_again_from_its_start(server: ScriptedServer, transport: Transport) -> None:
    server.script("/v1/batches", ScriptedResponse(body="{", ending="cut"), b"done")
    file = io.BytesIO(b"line 1\nline 2\n")
    assert transport.post("/v1/batches", file, {"Idempotency-Key": "one"}) == b"done"
    assert server.bodies == [b"line 1\nline 2\n"] * 2


def test_a_restart_after_a_lost_connection_is_tolerated() -> None:
    bodies: list[bytes] = []
    with running_server() as first:
        first.script("/v1/jobs", ScriptedResponse(body="{", ending="cut"))
        transport = Transport(first.url, None)
        thread = Thread(target=lambda: bodies.append(transport.get("/v1/jobs")))
        thread.start()
        wait_until(lambda: first.count_requests("/v1/jobs") > 0)
    with running_server(port=int(first.url.rpartition(":")[2])) as second, closing(transport):
        second.script("/v1/jobs", b"done")
        thread.join()
    assert bodies == [b"done"]


def test_a_download_starts_again_after_a_lost_connection(
    server: ScriptedServer, transport: Transport
) -> None:
    server.script("/v1/archive", ScriptedResponse(body=b"incomplete", ending="cut"), b"whole")
    target = io.BytesIO(b"something that was there before")
    transport.download("/v1/archive", {"after": "4"}, target)
    assert target.getvalue() == b"whole"
    assert [request.query_params["after"] for request in server.requests] == ["4", "4"]


def test_a_deletion_whose_response_was_lost_is_repeated_and_has_succeeded(
    server: ScriptedServer, transport: Transport
) -> None:
    gone = problem(404, "job_not_found", "There is no job 'x'.")
    server.script("/v1/jobs/x", ScriptedResponse(body="{", ending="cut"), gone)
    transport.delete("/v1/jobs/x")
    assert [request.method for request in server.requests] == ["DELETE"] * 2
    with pytest.raises(ApiError, match="There is no job"):
        transport.delete("/v1/jobs/x")
