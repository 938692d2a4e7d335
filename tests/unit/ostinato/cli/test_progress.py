"""Progress as a bar on a terminal, and as lines elsewhere."""

import io

import pytest
from rich.console import Console

from ostinato import ApiError, Client
from ostinato.cli import progress
from ostinato.cli.progress import ProgressDisplay, follow, show_stages
from ostinato.schemas.events import ProgressEvent
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.payloads import JOB_ID, job_event, problem, sse
from tests.unit.ostinato.scripted_server import ScriptedServer

EVENTS = f"/v1/jobs/{JOB_ID}/events"


def stage(seq: int, name: str, share: float) -> ProgressEvent:
    return ProgressEvent(epoch="e", seq=seq, at=1, stage=name, progress=share)


def test_lines_are_printed_for_each_stage_and_the_last_state() -> None:
    output = io.StringIO()
    with ProgressDisplay(Console(file=output, width=20)) as display:
        display.update("running", 0.0, "0/8 bars")
        display.update("running", 0.5, "4/8 bars of a long text that is not wrapped")
        display.update("succeeded", 1.0, "8/8 bars")
        display.update("succeeded", 1.0, "8/8 bars")
    assert output.getvalue() == "running: 0/8 bars\nsucceeded: 8/8 bars\n"


def test_a_long_stage_prints_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.0)
    output = io.StringIO()
    with ProgressDisplay(Console(file=output)) as display:
        for done in range(3):
            display.update("running", done / 2, f"{done}/2")
    assert output.getvalue() == "running: 0/2\nrunning: 1/2\nrunning: 2/2\n"


def test_a_terminal_shows_a_bar_that_fits() -> None:
    output = io.StringIO()
    with ProgressDisplay(Console(file=output, force_terminal=True, width=80)) as display:
        display.update("running", 0.5, "50%, step 123,456, loss 1.25, best 2.500 nats/note")
    last = output.getvalue().splitlines()[-2]
    assert "running" in last
    assert "best 2.500 nats/note" in last
    assert "━━━" in last


def test_stages_are_shown_until_the_end(server: ScriptedServer, client: Client) -> None:
    server.script(
        EVENTS,
        sse(
            job_event(1, JobState.RUNNING),
            stage(2, "Parsing MIDI", 0.0),
            stage(3, "Scoring music21", 0.0),
            stage(4, "Scoring music21", 0.5),
            job_event(5, JobState.SUCCEEDED),
        ),
    )
    output = io.StringIO()
    show_stages(client, JOB_ID, Console(file=output))
    assert output.getvalue().splitlines() == [
        "running",
        "Parsing MIDI: 0%",
        "Scoring music21: 0%",
        "succeeded",
    ]


def test_an_unavailable_event_stream_is_reported_and_tolerated(server: ScriptedServer) -> None:
    server.script(EVENTS, problem(503, "unavailable", "Away."))
    output = io.StringIO()
    with Client(server.url, "a-key", outage_timeout=0.0) as client:
        assert list(follow(client, JOB_ID, Console(file=output, width=80))) == []
    assert "event stream is unavailable" in output.getvalue()


def test_an_unknown_job_raises(server: ScriptedServer, client: Client) -> None:
    server.script(EVENTS, problem(404, "job_not_found", "There is no such job."))
    with pytest.raises(ApiError, match="no such job"):
        list(follow(client, JOB_ID, Console(file=io.StringIO())))
