"""What the progress bar knows after each event."""

import io

import pytest
from rich.console import Console

from ostinato import ApiError, Client
from ostinato.cli.job_progress import Heard, follow
from ostinato.schemas.events import Event, ResyncEvent
from ostinato.schemas.jobs import JobState
from ostinato.schemas.notes import TICKS_PER_BAR, Note
from tests.unit.ostinato.peer import Peer
from tests.unit.ostinato.samples import (
    JOB_ID,
    a_job,
    committed,
    moved,
    problem,
    sse,
    wrote,
)

PATH = f"/v1/jobs/{JOB_ID}/events"


def heard(*events: Event) -> Heard:
    heard = Heard(written=range(2), state=JobState.QUEUED)
    for event in events:
        heard.take(event)
    return heard


def test_bars_are_summed_over_melodies() -> None:
    other = wrote(2, bars=2).model_copy(update={"melody": 5})
    assert heard(wrote(1, bars=1), other).bars_written == 3


def test_a_committed_melody_is_whole_whatever_was_heard_of_it() -> None:
    assert heard(committed(1)).bars_written == 2
    assert heard(wrote(1, bars=2), committed(2)).bars_written == 2


def test_the_primer_is_not_progress_and_its_notes_are_not_the_first() -> None:
    told = Heard(written=range(4, 6), state=JobState.RUNNING)
    told.take(wrote(1, bars=3))
    assert (told.bars_written, told.first_note_at) == (0, None)
    new = wrote(2, bars=5).model_copy(update={"notes": [Note(4 * TICKS_PER_BAR, 480, 60, 90)]})
    told.take(new)
    assert told.bars_written == 1
    assert told.first_note_at is not None


def test_bars_written_anew_are_counted_where_they_stand() -> None:
    told = Heard(written=(1, 4), state=JobState.RUNNING)
    told.take(wrote(1, bars=4).model_copy(update={"notes": [Note(0, 480, 60, 90)]}))
    assert (told.bars_written, told.first_note_at) == (1, None)
    new = [Note(4 * TICKS_PER_BAR, 480, 60, 90), Note(5 * TICKS_PER_BAR, 480, 60, 90)]
    told.take(wrote(2, bars=6).model_copy(update={"notes": new}))
    assert told.bars_written == 2
    assert told.first_note_at is not None


def test_the_bar_is_never_overfull() -> None:
    assert heard(wrote(1, bars=9)).bars_written == 2


def test_a_resync_forgets_what_was_written_but_not_when_it_began() -> None:
    told = heard(wrote(1, bars=1), ResyncEvent(epoch="f", seq=0, at=1))
    assert told.bars_written == 0
    assert told.first_note_at is not None


def test_the_first_note_stays_the_first() -> None:
    told = heard(wrote(1, bars=0))
    first = told.first_note_at
    told.take(wrote(2, bars=1))
    assert told.first_note_at == first is not None


def test_follow_shows_the_bars_and_the_state(peer: Peer, client: Client) -> None:
    peer.will_say(PATH, sse(wrote(1, bars=1), committed(2), moved(3, JobState.SUCCEEDED)))
    paper = io.StringIO()
    told = follow(client, a_job(), Console(file=paper, width=80))
    assert told.state is JobState.SUCCEEDED
    assert "succeeded" in paper.getvalue()
    assert "2/2 bars" in paper.getvalue()


def test_a_stream_that_stays_away_is_said_and_survived(peer: Peer) -> None:
    peer.will_say(PATH, problem(503, "redis_unavailable", "Away."))
    paper = io.StringIO()
    with Client(peer.url, "a-key", patience=0.0) as client:
        follow(client, a_job(), Console(file=paper, width=80))
    assert "event stream is away" in paper.getvalue()


def test_a_job_that_is_not_there_is_not_followed(peer: Peer, client: Client) -> None:
    peer.will_say(PATH, problem(404, "job_not_found", "There is no such job."))
    with pytest.raises(ApiError, match="no such job"):
        follow(client, a_job(), Console(file=io.StringIO()))
