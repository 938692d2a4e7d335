"""A subscriber hears each event once and in order, whatever happens to the line."""

import time

import pytest

from ostinato import ApiError, Client, ConnectionLost
from ostinato.events import events_in
from ostinato.schemas.events import Event, ResyncEvent
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.peer import Answer, Peer, running_peer
from tests.unit.ostinato.samples import JOB_ID, committed, moved, problem, sse, wrote

PATH = f"/v1/jobs/{JOB_ID}/events"
QUEUED, RUNNING = moved(1, JobState.QUEUED), moved(2, JobState.RUNNING)
NOTES, MELODY, DONE = wrote(3, bars=1), committed(4), moved(5, JobState.SUCCEEDED)
ALL: list[Event] = [QUEUED, RUNNING, NOTES, MELODY, DONE]


def test_a_whole_stream_is_heard_to_its_last_event(peer: Peer, client: Client) -> None:
    peer.will_say(PATH, Answer(body=": hello\n\n" + sse(*ALL), then="silence"))
    assert list(client.events(JOB_ID)) == ALL
    assert peer.requests[0].headers["accept"] == "text/event-stream"


def test_a_cut_line_resumes_after_the_last_event(peer: Peer, client: Client) -> None:
    peer.will_say(
        PATH, Answer(body=sse(QUEUED, RUNNING), then="cut"), sse(NOTES), sse(MELODY, DONE)
    )
    assert list(client.events(JOB_ID)) == ALL
    positions = [request.headers.get("last-event-id") for request in peer.requests]
    assert positions == [None, "e:2", "e:3"]


def test_half_an_event_does_not_count(peer: Peer, client: Client) -> None:
    halved = sse(QUEUED) + sse(RUNNING).removesuffix("\n")
    peer.will_say(PATH, Answer(body=halved, then="cut"), sse(RUNNING, NOTES, MELODY, DONE))
    assert list(client.events(JOB_ID)) == ALL


def test_an_event_that_comes_twice_is_heard_once(peer: Peer, client: Client) -> None:
    peer.will_say(PATH, sse(QUEUED, RUNNING, NOTES), sse(RUNNING, NOTES, MELODY, DONE))
    assert list(client.events(JOB_ID)) == ALL


def test_a_new_epoch_is_announced_and_then_heard_from_its_start(peer: Peer, client: Client) -> None:
    resync = ResyncEvent(epoch="f", seq=0, at=1)
    again: list[Event] = [moved(1, JobState.RUNNING, epoch="f"), committed(2, epoch="f")]
    last = moved(3, JobState.SUCCEEDED, epoch="f")
    peer.will_say(PATH, sse(QUEUED, RUNNING, NOTES), sse(resync), sse(*again), sse(last))
    assert list(client.events(JOB_ID)) == [QUEUED, RUNNING, NOTES, resync, *again, last]
    positions = [request.headers.get("last-event-id") for request in peer.requests]
    assert positions == [None, "e:3", "f:0", "f:2"]


def test_503_is_waited_out(peer: Peer, client: Client) -> None:
    away = problem(503, "redis_unavailable", "Away.", retry_after=1)
    peer.will_say(PATH, sse(QUEUED, RUNNING), away, sse(NOTES, MELODY, DONE))
    began = time.monotonic()
    assert list(client.events(JOB_ID)) == ALL
    assert time.monotonic() - began >= 1.0


def test_a_gateway_that_restarts_is_found_again() -> None:
    with running_peer() as peer:
        peer.will_say(PATH, sse(QUEUED, RUNNING))
        url = peer.url
        client = Client(url, "a-key", patience=10.0)
        events = client.events(JOB_ID)
        heard = [next(events), next(events)]
    port = int(url.rpartition(":")[2])
    with client, running_peer(port) as peer:
        peer.will_say(PATH, sse(NOTES, MELODY, DONE))
        assert heard + list(events) == ALL
        assert peer.requests[0].headers["last-event-id"] == "e:2"


def test_patience_ends_with_the_fault_that_outlasted_it(peer: Peer) -> None:
    peer.will_say(PATH, problem(503, "redis_unavailable", "Redis does not answer."))
    with Client(peer.url, "a-key", patience=1.0) as client, pytest.raises(ApiError) as caught:
        list(client.events(JOB_ID))
    assert caught.value.code == "redis_unavailable"
    assert len(peer.requests) > 1


def test_a_stream_that_always_ends_early_is_not_followed_for_ever(peer: Peer) -> None:
    peer.will_say(PATH, b"")
    with Client(peer.url, "a-key", patience=1.0) as client, pytest.raises(ConnectionLost):
        list(client.events(JOB_ID))


def test_keep_alives_keep_up_the_patience(peer: Peer) -> None:
    peer.will_say(PATH, *[": still here\n\n"] * 5, sse(*ALL))
    with Client(peer.url, "a-key", patience=1.0) as client:
        assert list(client.events(JOB_ID)) == ALL


def test_a_job_that_does_not_exist_is_an_error_at_once(peer: Peer, client: Client) -> None:
    peer.will_say(PATH, problem(404, "job_not_found", "There is no such job."))
    with pytest.raises(ApiError, match="no such job"):
        list(client.events(JOB_ID))
    assert len(peer.requests) == 1


def test_data_over_several_lines_is_one_event() -> None:
    data = QUEUED.model_dump_json().replace(",", ",\n")
    lines = [f"data: {line}" for line in data.splitlines()]
    assert list(events_in([*lines, "", ": bye", ""])) == [QUEUED]
