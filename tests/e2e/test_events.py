"""All clients receive the same events, over SSE or WebSocket, early or late."""

import threading

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from deploy.local.stack import Stack
from tests.support.http_api import (
    Event,
    create_api_key,
    create_ticket,
    notes_of,
    post_generation,
    sse_events,
    websocket_events,
)


def test_early_late_sse_and_websocket_clients_receive_the_same_events(
    stack: Stack, http: httpx.Client
) -> None:
    job = post_generation(http, count=4, bars=16, seed=21)
    early: list[Event] = []
    reader = threading.Thread(target=lambda: early.extend(sse_events(http, job["id"])))
    reader.start()
    by_websocket = websocket_events(stack, job["id"], f"ticket={create_ticket(http, job['id'])}")
    reader.join()
    late = list(sse_events(http, job["id"]))
    assert early == by_websocket == late
    assert [event["seq"] for event in late] == list(range(1, len(late) + 1))
    assert [event["state"] for event in late if event["kind"] == "job"] == [
        *("queued", "running", "succeeded")
    ]


def test_a_client_that_reconnects_receives_each_event_once(
    http: httpx.Client,
) -> None:
    job = post_generation(http, count=2, bars=8, seed=22)
    events = sse_events(http, job["id"])
    first = [next(events) for _ in range(3)]
    events.close()  # type: ignore[attr-defined]  # a generator; the connection is cut
    after = f"{first[-1]['epoch']}:{first[-1]['seq']}"
    rest = list(sse_events(http, job["id"], after=after))
    assert first + rest == list(sse_events(http, job["id"]))


def test_a_position_of_another_epoch_restarts_the_stream(http: httpx.Client) -> None:
    job = post_generation(http, bars=2, seed=23)
    events = list(sse_events(http, job["id"]))
    resync, *rest = sse_events(http, job["id"], after="gone:7")
    assert (resync["kind"], resync["epoch"]) == ("resync_required", events[0]["epoch"])
    assert rest == events


def test_a_stream_ends_with_the_terminal_event(http: httpx.Client) -> None:
    job = post_generation(http, bars=1, seed=24)
    events = list(sse_events(http, job["id"]))
    assert (events[-1]["kind"], events[-1]["state"]) == ("job", "succeeded")
    assert [event["kind"] for event in events[-2:]] == ["melody", "job"]
    assert len(notes_of(events, 0)) == events[-2]["num_notes"]


def test_a_ticket_is_valid_once_and_for_its_job_only(stack: Stack, http: httpx.Client) -> None:
    job, other = post_generation(http, bars=1), post_generation(http, bars=1)
    ticket = create_ticket(http, job["id"])
    for job_id in (other["id"], job["id"]):
        if job_id == job["id"]:
            assert websocket_events(stack, job_id, f"ticket={ticket}")
        with pytest.raises(InvalidStatus) as error:
            websocket_events(stack, job_id, f"ticket={ticket}")
        assert error.value.response.status_code == 401


def open_websocket(http: httpx.Client, job_id: str, **headers: str) -> httpx.Response:
    """The response to a handshake that the gateway rejects."""
    handshake = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    key = {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    return http.get(f"/v1/jobs/{job_id}/events", headers=handshake | key | headers)


def test_a_page_of_another_origin_is_403(http: httpx.Client) -> None:
    job = post_generation(http, bars=1)
    response = open_websocket(http, job["id"], Origin="https://elsewhere.example")
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
    assert "elsewhere.example" in response.json()["detail"]


def test_a_websocket_of_an_invalid_job_id_is_422(http: httpx.Client) -> None:
    response = open_websocket(http, "seven")
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert response.json()["field"] == "job_id"


def test_events_of_another_owner_are_404(stack: Stack, http: httpx.Client) -> None:
    job = post_generation(http, bars=1)
    other_owner = {"Authorization": f"Bearer {create_api_key(stack, 'other')}"}
    assert http.get(f"/v1/jobs/{job['id']}/events", headers=other_owner).status_code == 404
    response = http.post("/v1/tickets", params={"job_id": job["id"]}, headers=other_owner)
    assert response.status_code == 404
