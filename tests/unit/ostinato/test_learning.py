"""What the progress bar of a training knows after each event."""

import io

import pytest
from rich.console import Console

from ostinato import ApiError, Client
from ostinato.cli.training_progress import Heard, follow
from ostinato.schemas.events import Event
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.peer import Peer
from tests.unit.ostinato.samples import (
    JOB_ID,
    a_point,
    a_training,
    examined,
    moved,
    problem,
    sse,
    stepped,
)

EVENTS = f"/v1/jobs/{JOB_ID}/events"


def heard(*events: Event) -> Heard:
    heard = Heard(state=JobState.QUEUED)
    for event in events:
        heard.take(event)
    return heard


def test_steps_move_the_bar_and_points_say_how_good_it_is() -> None:
    told = heard(
        moved(1, JobState.RUNNING),
        stepped(2, 10, 0.5),
        examined(3, a_point(10, 3.0)),
        examined(4, a_point(20, 4.0)),
    )
    assert (told.step, told.spent, told.best) == (20, 0.5, 3.0)
    assert str(told) == "running, step 20, 1.25 nats a token, at best 3.000 nats a note held out"


def test_without_a_step_there_is_only_the_state() -> None:
    assert str(heard(moved(1, JobState.PAUSED))) == "paused"


def test_the_bar_is_never_overfull() -> None:
    assert heard(stepped(1, 10, 1.5)).spent == 1.0


def test_follow_shows_the_end(peer: Peer, client: Client) -> None:
    peer.will_say(EVENTS, sse(stepped(1, 10, 1.0), moved(2, JobState.SUCCEEDED)))
    paper = io.StringIO()
    told = follow(client, a_training(), Console(file=paper, width=120))
    assert told.state is JobState.SUCCEEDED
    assert "100%" in paper.getvalue()


def test_a_stream_that_stays_away_is_said_and_survived(peer: Peer) -> None:
    peer.will_say(EVENTS, problem(503, "redis_unavailable", "Away."))
    paper = io.StringIO()
    with Client(peer.url, "a-key", patience=0.0) as client:
        follow(client, a_training(), Console(file=paper, width=120))
    assert "event stream is away" in paper.getvalue()


def test_a_training_that_is_not_there_is_not_followed(peer: Peer, client: Client) -> None:
    peer.will_say(EVENTS, problem(404, "job_not_found", "There is no such job."))
    with pytest.raises(ApiError, match="no such job"):
        follow(client, a_training(), Console(file=io.StringIO()))
