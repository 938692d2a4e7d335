"""What the line does when answers are refused, lost or late."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from ostinato.errors import ApiError, ConnectionLost, Unreachable
from ostinato.transport import Gateway
from tests.unit.ostinato.peer import Answer, Peer
from tests.unit.ostinato.samples import problem


def a_closed_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.fixture
def gateway(peer: Peer) -> Iterator[Gateway]:
    with closing(Gateway(peer.url, "a-key")) as gateway:
        yield gateway


def test_every_request_carries_the_key(peer: Peer, gateway: Gateway) -> None:
    peer.will_say("/v1/models", b"{}")
    gateway.get("/v1/models")
    assert peer.requests[0].headers["authorization"] == "Bearer a-key"


def test_a_problem_becomes_an_error_with_its_code_detail_status_and_extra(
    peer: Peer, gateway: Gateway
) -> None:
    peer.will_say("/v1/jobs/x", problem(404, "job_not_found", "There is no job 'x'.", noun="job"))
    with pytest.raises(ApiError) as caught:
        gateway.get("/v1/jobs/x")
    error = caught.value
    assert (error.status, error.code, error.detail) == (
        404,
        "job_not_found",
        "There is no job 'x'.",
    )
    assert error.extra == {"noun": "job"}


def test_a_stranger_on_the_port_is_called_one(peer: Peer, gateway: Gateway) -> None:
    peer.will_say("/v1/models", Answer(body="<h1>Hello</h1>", status=404, media_type="text/html"))
    with pytest.raises(ApiError, match="is it the right address") as caught:
        gateway.get("/v1/models")
    assert caught.value.code == "foreign"


def test_a_refused_connection_says_what_to_do_at_once() -> None:
    url = f"http://127.0.0.1:{a_closed_port()}"
    expected = pytest.raises(Unreachable, match=f"Nothing answers at {url}; is `make up` running")
    with closing(Gateway(url, None)) as gateway, expected:
        gateway.get("/v1/models")


def test_the_proxy_of_the_environment_is_not_asked_for_the_local_stack(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{a_closed_port()}")
    peer.will_say("/v1/models", b"{}")
    with closing(Gateway(peer.url, None)) as gateway:
        assert gateway.get("/v1/models") == b"{}"
    assert "authorization" not in peer.requests[0].headers


def test_a_lost_answer_to_a_keyed_post_is_asked_for_again_under_the_same_key(
    peer: Peer, gateway: Gateway
) -> None:
    peer.will_say("/v1/generations", Answer(body="{", then="cut"), b"done")
    answer = gateway.post("/v1/generations", b"please", {"Idempotency-Key": "one"})
    assert answer == b"done"
    assert [request.headers["idempotency-key"] for request in peer.requests] == ["one", "one"]
    assert peer.bodies == [b"please", b"please"]


def test_a_post_without_a_key_is_never_said_twice(peer: Peer, gateway: Gateway) -> None:
    peer.will_say("/v1/jobs/x/cancel", Answer(body="{", then="cut"), b"done")
    with pytest.raises(ConnectionLost):
        gateway.post("/v1/jobs/x/cancel")
    assert len(peer.requests) == 1


def test_503_is_asked_again_after_the_time_that_the_gateway_named(
    peer: Peer, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("ostinato.retry.time.sleep", pauses.append)
    away = problem(503, "postgres_unavailable", "Away.", retry_after=2)
    peer.will_say("/v1/jobs", away, away, b"here")
    assert gateway.get("/v1/jobs") == b"here"
    assert pauses == [2.0, 2.0]


def test_429_is_the_callers_to_decide(peer: Peer, gateway: Gateway) -> None:
    full = problem(429, "too_many_requests", "The queue is full.", retry_after=1)
    peer.will_say("/v1/generations", full)
    with pytest.raises(ApiError, match="The queue is full") as caught:
        gateway.post("/v1/generations", b"", {"Idempotency-Key": "one"})
    assert caught.value.retry_after == 1.0
    assert len(peer.requests) == 1
