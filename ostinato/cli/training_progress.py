"""A training's progress in a terminal: a bar over its budget, fed by its events.

Refuses to know how the training ended; that is for the training to say.
"""

import math
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from ostinato.client import Client
from ostinato.errors import ClientError
from ostinato.schemas.events import Event, JobEvent, PointEvent, StepEvent
from ostinato.schemas.jobs import JobState
from ostinato.schemas.trainings import Training


@dataclass(slots=True, kw_only=True)
class Heard:
    """What the events of one training have told so far."""

    state: JobState
    step: int = 0
    spent: float = 0.0
    """The share of the budget that is over."""
    nats_per_token: float = math.nan
    best: float = math.inf
    """Nats a note on held-out pieces."""

    def take(self, event: Event) -> None:
        """Hear one more event."""
        match event:
            case JobEvent(state=state):
                self.state = state
            case StepEvent():
                self.step, self.spent = event.step, min(event.spent, 1.0)
                self.nats_per_token = event.train_nats_per_token
            case PointEvent(point=point):
                self.step = max(self.step, point.step)
                self.best = min(self.best, point.held_out_nats_per_note)

    def __str__(self) -> str:
        if not self.step:
            return self.state
        words = f"{self.state}, step {self.step}"
        if not math.isnan(self.nats_per_token):
            words += f", {self.nats_per_token:.2f} nats a token"
        if self.best < math.inf:
            words += f", at best {self.best:.3f} nats a note held out"
        return words


def follow(client: Client, training: Training, console: Console) -> Heard:
    """Show a training while it learns, until its last event."""
    heard = Heard(state=training.state)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task(str(heard), total=1.0)
        try:
            for event in client.events(training.id):
                heard.take(event)
                progress.update(task, completed=heard.spent, description=str(heard))
        except ClientError as fault:
            if not fault.passing:
                raise
            console.print("The event stream is away; the state will tell.", style="yellow")
    return heard
