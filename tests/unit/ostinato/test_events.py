"""An event stream yields each event once and in order, across disconnections."""

import time

import pytest

from ostinato import ApiError, Client, ConnectionLost
from ostinato.events import parse_events
from ostinato.schemas.events import Event, ResyncEvent
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.payloads import JOB_ID, job_event, melody_event, notes_event, problem, sse
from tests.unit.ostinato.scripted_server import ScriptedResponse, ScriptedServer, running_server

PATH = f"/v1/jobs/{JOB_ID}/events"
QUEUED, RUNNING = job_event(1, JobState.QUEUED), job_event(2, JobState.RUNNING)
NOTES, MELODY, DONE = notes_event(3, bars=1), melody_event(4), job_event(5, JobState.SUCCEEDED)
ALL: list[Event] = [QUEUED, RUNNING, NOTES, MELODY, DONE]


def test_a_stream_is_read_to_its_last_event(server: ScriptedServer, client: Client) -> None:
    server.script(PATH, ScriptedResponse(body=": hello\n\n" + sse(*ALL), ending="hang"))
    assert list(client.events(JOB_ID)) == ALL
    assert server.requests[0].headers["accept"] == "text/event-stream"


def test_a_cut_stream_is_resumed_after_the_last_event(
    server: ScriptedServer, client: Client
) -> None:
    server.script(
        PATH,
        ScriptedResponse(body=sse(QUEUED, RUNNING), ending="cut"),
        sse(NOTES),
        sse(MELODY, DONE),
    )
    assert list(client.events(JOB_ID)) == ALL
    last_event_ids = [request.headers.get("last-event-id") for request in server.requests]
    assert last_event_ids == [None, "e:2", "e:3"]


def test_an_incomplete_event_is_dropped(server: ScriptedServer, client: Client) -> None:
    incomplete = sse(QUEUED) + sse(RUNNING).removesuffix("\n")
    server.script(
        PATH, ScriptedResponse(body=incomplete, ending="cut"), sse(RUNNING, NOTES, MELODY, DONE)
    )
    assert list(client.events(JOB_ID)) == ALL


def test_a_repeated_event_is_yielded_once(server: ScriptedServer, client: Client) -> None:
    server.script(PATH, sse(QUEUED, RUNNING, NOTES), sse(RUNNING, NOTES, MELODY, DONE))
    assert list(client.events(JOB_ID)) == ALL


def test_a_new_epoch_is_announced_and_read_from_its_start(
    server: ScriptedServer, client: Client
) -> None:
    resync = ResyncEvent(epoch="f", seq=0, at=1)
    rebuilt: list[Event] = [job_event(1, JobState.RUNNING, epoch="f"), melody_event(2, epoch="f")]
    last = job_event(3, JobState.SUCCEEDED, epoch="f")
    server.script(PATH, sse(QUEUED, RUNNING, NOTES), sse(resync), sse(*rebuilt), sse(last))
    assert list(client.events(JOB_ID)) == [QUEUED, RUNNING, NOTES, resync, *rebuilt, last]
    last_event_ids = [request.headers.get("last-event-id") for request in server.requests]
    assert last_event_ids == [None, "e:3", "f:0", "f:2"]


def test_503_is_retried_after_its_retry_after(server: ScriptedServer, client: Client) -> None:
    unavailable = problem(503, "unavailable", "Unavailable.", retry_after=1)
    server.script(PATH, sse(QUEUED, RUNNING), unavailable, sse(NOTES, MELODY, DONE))
    started = time.monotonic()
    assert list(client.events(JOB_ID)) == ALL
    assert time.monotonic() - started >= 1.0


def test_a_restart_of_the_gateway_is_tolerated() -> None:
    with running_server() as server:
        server.script(PATH, sse(QUEUED, RUNNING))
        url = server.url
        client = Client(url, "a-key", outage_timeout=10.0)
        events = client.events(JOB_ID)
        received = [next(events), next(events)]
    port = int(url.rpartition(":")[2])
    with client, running_server(port) as server:
        server.script(PATH, sse(NOTES, MELODY, DONE))
        assert received + list(events) == ALL
        assert server.requests[0].headers["last-event-id"] == "e:2"


def test_an_outage_beyond_the_timeout_raises_its_error(server: ScriptedServer) -> None:
    server.script(PATH, problem(503, "unavailable", "Redis does not answer."))
    with (
        Client(server.url, "a-key", outage_timeout=0.1) as client,
        pytest.raises(ApiError) as caught,
    ):
        list(client.events(JOB_ID))
    assert caught.value.code == "unavailable"
    assert len(server.requests) > 1


def test_a_stream_that_always_ends_early_raises_after_the_timeout(server: ScriptedServer) -> None:
    server.script(PATH, b"")
    with Client(server.url, "a-key", outage_timeout=0.1) as client, pytest.raises(ConnectionLost):
        list(client.events(JOB_ID))


def test_keep_alive_comments_reset_the_timeout(server: ScriptedServer) -> None:
    server.script(PATH, *[": keep-alive\n\n"] * 5, sse(*ALL))
    with Client(server.url, "a-key", outage_timeout=0.1) as client:
        assert list(client.events(JOB_ID)) == ALL


def test_an_unknown_job_raises_at_once(server: ScriptedServer, client: Client) -> None:
    server.script(PATH, problem(404, "job_not_found", "There is no such job."))
    with pytest.raises(ApiError, match="no such job"):
        list(client.events(JOB_ID))
    assert len(server.requests) == 1


def test_data_on_several_lines_is_one_event() -> None:
    data = QUEUED.model_dump_json().replace(",", ",\n")
    lines = [f"data: {line}" for line in data.splitlines()]
    assert list(parse_events([*lines, "", ": bye", ""])) == [QUEUED]
