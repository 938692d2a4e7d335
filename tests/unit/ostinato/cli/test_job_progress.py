"""The progress of a job after each event."""

import io

import pytest
from rich.console import Console

from ostinato import Client
from ostinato.cli.job_progress import JobProgress, show_progress
from ostinato.schemas.events import Event, ResyncEvent
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.payloads import (
    JOB_ID,
    a_job,
    job_event,
    melody_event,
    notes_event,
    problem,
    sse,
)
from tests.unit.ostinato.scripted_server import ScriptedServer

PATH = f"/v1/jobs/{JOB_ID}/events"


def progress_after(*events: Event) -> JobProgress:
    progress = JobProgress(target_bars=range(2), state=JobState.QUEUED)
    for event in events:
        progress.update(event)
    return progress


def test_bars_are_summed_over_melodies() -> None:
    other = notes_event(2, bars=2).model_copy(update={"melody": 5})
    assert progress_after(notes_event(1, bars=1), other).bars_generated == 3


def test_a_committed_melody_counts_as_complete() -> None:
    assert progress_after(melody_event(1)).bars_generated == 2
    assert progress_after(notes_event(1, bars=2), melody_event(2)).bars_generated == 2


def test_a_partial_melody_counts_with_its_complete_bars() -> None:
    partial = melody_event(2).model_copy(update={"partial": True})
    assert progress_after(notes_event(1, bars=1), partial).bars_generated == 1


def test_bars_and_notes_of_the_primer_do_not_count() -> None:
    progress = JobProgress(target_bars=range(4, 6), has_primer=True, state=JobState.RUNNING)
    progress.update(notes_event(1, bars=3))
    assert (progress.bars_generated, progress.first_note_at) == (0, None)
    progress.update(notes_event(2, bars=5).model_copy(update={"first": 8}))
    assert progress.bars_generated == 1
    assert progress.first_note_at is not None


def test_regenerated_bars_are_counted_at_their_positions() -> None:
    progress = JobProgress(target_bars=(1, 4), has_primer=True, state=JobState.RUNNING)
    progress.update(notes_event(1, bars=4))
    assert (progress.bars_generated, progress.first_note_at) == (1, None)
    progress.update(notes_event(2, bars=6).model_copy(update={"first": 8}))
    assert progress.bars_generated == 2
    assert progress.first_note_at is not None


def test_the_bar_never_exceeds_its_total() -> None:
    assert progress_after(notes_event(1, bars=9)).bars_generated == 2


def test_a_resync_resets_the_bars_but_not_the_time_of_the_first_note() -> None:
    progress = progress_after(notes_event(1, bars=1), ResyncEvent(epoch="f", seq=0, at=1))
    assert progress.bars_generated == 0
    assert progress.first_note_at is not None


def test_later_notes_do_not_change_the_time_of_the_first() -> None:
    progress = progress_after(notes_event(1, bars=0))
    first = progress.first_note_at
    progress.update(notes_event(2, bars=1))
    assert progress.first_note_at == first is not None


def test_progress_shows_bars_and_state(server: ScriptedServer, client: Client) -> None:
    server.script(
        PATH, sse(notes_event(1, bars=1), melody_event(2), job_event(3, JobState.SUCCEEDED))
    )
    output = io.StringIO()
    progress = show_progress(client, a_job(), Console(file=output, width=80))
    assert progress.state is JobState.SUCCEEDED
    assert "succeeded" in output.getvalue()
    assert "2/2 bars" in output.getvalue()


def keep_alives(number: int) -> str:
    """A part of an event stream without events."""
    return ": keep-alive\n\n" * number


def test_a_queued_job_says_what_it_waits_for_once_per_change(
    server: ScriptedServer, client: Client
) -> None:
    queued = a_job(JobState.QUEUED)
    reasons = ("No worker is running.", "No worker is running.", None, "Workers load mini.")
    waiting = [queued.model_copy(update={"waiting_for": reason}) for reason in reasons]
    server.script(f"/v1/jobs/{JOB_ID}", *(job.model_dump_json() for job in waiting))
    server.script(
        PATH,
        sse(job_event(1, JobState.QUEUED))
        + keep_alives(len(reasons))
        + sse(job_event(2, JobState.RUNNING))
        + keep_alives(2)
        + sse(melody_event(3), job_event(4, JobState.SUCCEEDED)),
    )
    output = io.StringIO()
    show_progress(client, queued, Console(file=output, width=80))
    assert output.getvalue().splitlines() == [
        "queued: 0/2 bars",
        "queued: No worker is running.",
        "queued: Workers load mini.",
        "running: 0/2 bars",
        "succeeded: 2/2 bars",
    ]
    assert server.count_requests(f"/v1/jobs/{JOB_ID}") == len(reasons)


def test_an_outage_of_the_gateway_gives_no_reason(server: ScriptedServer, client: Client) -> None:
    overloaded = problem(503, "unavailable", "PostgreSQL does not answer.", retry_after=0)
    server.script(f"/v1/jobs/{JOB_ID}", overloaded)
    server.script(PATH, keep_alives(1) + sse(job_event(1, JobState.CANCELLED)))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ostinato.transport.RETRY_SECONDS", 0.0)
        progress = show_progress(client, a_job(JobState.QUEUED), Console(file=io.StringIO()))
    assert (progress.state, progress.waiting_for) == (JobState.CANCELLED, None)
