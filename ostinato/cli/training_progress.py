"""The progress bar of a training: the used share of its budget."""

import math
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from ostinato.client import Client
from ostinato.errors import ClientError
from ostinato.schemas.events import Event, JobEvent, MetricsEvent, StepEvent
from ostinato.schemas.jobs import JobState
from ostinato.schemas.trainings import Training


@dataclass(slots=True, kw_only=True)
class TrainingProgress:
    """The progress of one training, according to the events so far."""

    state: JobState
    step: int = 0
    share: float = 0.0
    """The used share of the budget."""
    nats_per_token: float = math.nan
    best: float = math.inf
    """The lowest negative log-likelihood of held-out pieces, in nats per note."""

    def update(self, event: Event) -> None:
        """Apply one event."""
        match event:
            case JobEvent(state=state):
                self.state = state
            case StepEvent():
                self.step, self.share = event.step, min(event.progress, 1.0)
                self.nats_per_token = event.train_nats_per_token
            case MetricsEvent(metrics=metrics):
                self.step = max(self.step, metrics.step)
                self.best = min(self.best, metrics.held_out_nats_per_note)

    def __str__(self) -> str:
        if not self.step:
            return self.state
        text = f"{self.state}, step {self.step}"
        if not math.isnan(self.nats_per_token):
            text += f", {self.nats_per_token:.2f} nats per token"
        if self.best < math.inf:
            text += f", best {self.best:.3f} nats per held-out note"
        return text


def show_progress(client: Client, training: Training, console: Console) -> TrainingProgress:
    """Show a progress bar until the training's last event."""
    training_progress = TrainingProgress(state=training.state)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task(str(training_progress), total=1.0)
        try:
            for event in client.events(training.id):
                training_progress.update(event)
                bar.update(
                    task, completed=training_progress.share, description=str(training_progress)
                )
        except ClientError as error:
            if not error.is_transient:
                raise
            console.print("The event stream is unavailable.", style="yellow")
    return training_progress
