"""Everybody who listens hears the same, by whatever wire, whenever they came."""

import threading

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from deploy.local.stack import Stack
from tests.wire import Event, new_key, notes_heard, over_websocket, post_job, server_sent


def ticket(http: httpx.Client, job_id: str) -> str:
    answer = http.post("/v1/tickets", params={"job_id": job_id})
    assert answer.status_code == 201
    opened: str = answer.json()["ticket"]
    return opened


def test_listeners_of_different_moments_and_wires_hear_the_same_in_the_same_order(
    house: Stack, http: httpx.Client
) -> None:
    job = post_job(http, count=4, bars=16, seed=21)
    early: list[Event] = []
    listener = threading.Thread(target=lambda: early.extend(server_sent(http, job["id"])))
    listener.start()
    by_websocket = over_websocket(house, job["id"], f"ticket={ticket(http, job['id'])}")
    listener.join()
    late = list(server_sent(http, job["id"]))
    assert early == by_websocket == late
    assert [event["seq"] for event in late] == list(range(1, len(late) + 1))
    assert [event["state"] for event in late if event["kind"] == "job"] == [
        *("queued", "running", "succeeded")
    ]


def test_a_listener_who_comes_back_misses_nothing_and_hears_nothing_twice(
    http: httpx.Client,
) -> None:
    job = post_job(http, count=2, bars=8, seed=22)
    events = server_sent(http, job["id"])
    first = [next(events) for _ in range(3)]
    events.close()  # type: ignore[attr-defined]  # a generator; the connection is cut
    after = f"{first[-1]['epoch']}:{first[-1]['seq']}"
    rest = list(server_sent(http, job["id"], after=after))
    assert first + rest == list(server_sent(http, job["id"]))


def test_a_listener_of_another_epoch_hears_so_and_then_everything(http: httpx.Client) -> None:
    job = post_job(http, bars=2, seed=23)
    whole = list(server_sent(http, job["id"]))
    resync, *rest = server_sent(http, job["id"], after="gone:7")
    assert (resync["kind"], resync["epoch"]) == ("resync_required", whole[0]["epoch"])
    assert rest == whole


def test_a_stream_ends_with_the_terminal_event(http: httpx.Client) -> None:
    job = post_job(http, bars=1, seed=24)
    events = list(server_sent(http, job["id"]))
    assert (events[-1]["kind"], events[-1]["state"]) == ("job", "succeeded")
    assert [event["kind"] for event in events[-2:]] == ["melody", "job"]
    assert len(notes_heard(events, 0)) == events[-2]["num_notes"]


def test_a_ticket_opens_once_and_only_its_job(house: Stack, http: httpx.Client) -> None:
    job, other = post_job(http, bars=1), post_job(http, bars=1)
    opened = ticket(http, job["id"])
    for job_id in (other["id"], job["id"]):
        if job_id == job["id"]:
            assert over_websocket(house, job_id, f"ticket={opened}")
        with pytest.raises(InvalidStatus) as refused:
            over_websocket(house, job_id, f"ticket={opened}")
        assert refused.value.response.status_code == 401


def test_a_foreign_page_may_not_listen(house: Stack, http: httpx.Client) -> None:
    job = post_job(http, bars=1)
    headers = {
        "Origin": "https://elsewhere.example",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
    }
    headers |= {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version": "13"}
    answer = http.get(f"/v1/jobs/{job['id']}/events", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "elsewhere.example" in answer.json()["detail"]


def test_somebody_elses_events_are_not_found(house: Stack, http: httpx.Client) -> None:
    job = post_job(http, bars=1)
    stranger = {"Authorization": f"Bearer {new_key(house, 'stranger')}"}
    assert http.get(f"/v1/jobs/{job['id']}/events", headers=stranger).status_code == 404
    answer = http.post("/v1/tickets", params={"job_id": job["id"]}, headers=stranger)
    assert answer.status_code == 404
