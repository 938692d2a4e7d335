"""The progress of a training: the used share of its budget."""

import math
from dataclasses import dataclass

from rich.console import Console

from ostinato.cli.progress import ProgressDisplay, follow
from ostinato.client import Client
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

    @property
    def detail(self) -> str:
        """The used share of the budget, the step and the best validation."""
        if not self.step:
            return ""
        parts = [f"{self.share:.0%}", f"step {self.step:,}"]
        if not math.isnan(self.nats_per_token):
            parts.append(f"loss {self.nats_per_token:.2f}")
        if self.best < math.inf:
            parts.append(f"best {self.best:.3f} nats/note")
        return ", ".join(parts)


def show_progress(client: Client, training: Training, console: Console) -> TrainingProgress:
    """Show the progress until the training's last event."""
    progress = TrainingProgress(state=training.state)
    with ProgressDisplay(console) as display:
        for event in follow(client, training.id, console):
            progress.update(event)
            display.update(progress.state, progress.share, progress.detail)
    return progress
