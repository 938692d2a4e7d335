"""The progress of a training after each event."""

import io

from rich.console import Console

from ostinato import Client
from ostinato.cli.training_progress import TrainingProgress, show_progress
from ostinato.schemas.events import Event
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.payloads import (
    JOB_ID,
    a_training,
    job_event,
    metrics_event,
    some_metrics,
    sse,
    step_event,
)
from tests.unit.ostinato.scripted_server import ScriptedServer

EVENTS = f"/v1/jobs/{JOB_ID}/events"


def progress_after(*events: Event) -> TrainingProgress:
    progress = TrainingProgress(state=JobState.QUEUED)
    for event in events:
        progress.update(event)
    return progress


def test_steps_advance_the_bar_and_metrics_show_the_best_validation() -> None:
    progress = progress_after(
        job_event(1, JobState.RUNNING),
        step_event(2, 10, 0.5),
        metrics_event(3, some_metrics(10, 3.0)),
        metrics_event(4, some_metrics(20, 4.0)),
    )
    assert (progress.step, progress.share, progress.best) == (20, 0.5, 3.0)
    assert progress.detail == "50%, step 20, loss 1.25, best 3.000 nats/note"


def test_before_the_first_step_only_the_state_is_shown() -> None:
    progress = progress_after(job_event(1, JobState.PAUSED))
    assert (progress.state, progress.detail) == (JobState.PAUSED, "")


def test_the_bar_never_exceeds_100_percent() -> None:
    assert progress_after(step_event(1, 10, 1.5)).share == 1.0


def test_progress_is_shown_until_the_end(server: ScriptedServer, client: Client) -> None:
    server.script(EVENTS, sse(step_event(1, 10, 1.0), job_event(2, JobState.SUCCEEDED)))
    output = io.StringIO()
    progress = show_progress(client, a_training(), Console(file=output, width=120))
    assert progress.state is JobState.SUCCEEDED
    assert "100%" in output.getvalue()
