"""A job's progress in a terminal: a bar over all its melodies, fed by its events.

Refuses to know how the job ended; that is for the job to say.
"""

import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ostinato.client import Client
from ostinato.errors import ClientError
from ostinato.schemas.events import Event, JobEvent, MelodyEvent, NotesEvent, ResyncEvent
from ostinato.schemas.jobs import Job, JobState
from ostinato.schemas.notes import TICKS_PER_BAR, Note


@dataclass(slots=True, kw_only=True)
class Heard:
    """What the events of one job have told so far."""

    written: Sequence[int]
    """The bars of each melody that are to be written; all others are the primer's."""
    state: JobState
    bars: dict[int, int] = field(default_factory=dict)
    """Bars written, by melody."""
    first_note_at: float | None = None
    """On the monotonic clock."""

    @property
    def bars_written(self) -> int:
        """Over all melodies."""
        return sum(self.bars.values())

    def take(self, event: Event) -> None:
        """Hear one more event."""
        match event:
            case JobEvent(state=state):
                self.state = state
            case NotesEvent(melody=melody, notes=notes, bars=bars):
                self.bars[melody] = bisect_left(self.written, bars)
                if self.first_note_at is None and any(map(self._is_new, notes)):
                    self.first_note_at = time.monotonic()
            case MelodyEvent(melody=melody):
                self.bars[melody] = len(self.written)
            case ResyncEvent():
                self.bars.clear()

    def _is_new(self, note: Note) -> bool:
        """The primer's own notes are told first."""
        return note.start // TICKS_PER_BAR in self.written


def follow(client: Client, job: Job, console: Console, *, primer_bars: int = 0) -> Heard:
    """Show a job while it is written, until its last event."""
    behind = range(primer_bars, primer_bars + job.request.bars)
    heard = Heard(written=job.request.regenerate or behind, state=job.state)
    with Progress(*_columns(), console=console) as progress:
        task = progress.add_task(heard.state, total=job.request.count * len(heard.written))
        try:
            for event in client.events(job.id):
                heard.take(event)
                progress.update(task, completed=heard.bars_written, description=heard.state)
        except ClientError as fault:
            if not fault.passing:
                raise
            console.print("The event stream is away; the job's state will tell.", style="yellow")
    return heard


def _columns() -> tuple[TextColumn, BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn]:
    return (
        TextColumn("[bold]{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("bars"),
        TimeElapsedColumn(),
    )
