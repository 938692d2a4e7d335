"""The progress of a generation job: generated bars of all melodies."""

import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console

from ostinato.cli.progress import ProgressDisplay, follow
from ostinato.client import Client
from ostinato.schemas.events import Event, JobEvent, MelodyEvent, NotesEvent, ResyncEvent
from ostinato.schemas.jobs import GenerationJob, JobState
from ostinato.schemas.notes import TICKS_PER_BAR, Note


@dataclass(slots=True, kw_only=True)
class JobProgress:
    """The progress of one job, according to the events so far."""

    target_bars: Sequence[int]
    """Indexes of the bars that are generated in each melody; all others are the primer's."""
    state: JobState
    bars: dict[int, int] = field(default_factory=dict)
    """Generated bars, by melody."""
    first_note_at: float | None = None
    """Time on the monotonic clock when the first generated note arrived."""

    @property
    def bars_generated(self) -> int:
        """Generated bars of all melodies."""
        return sum(self.bars.values())

    def update(self, event: Event) -> None:
        """Apply one event."""
        match event:
            case JobEvent(state=state):
                self.state = state
            case NotesEvent(melody=melody, notes=notes, bars=bars):
                self.bars[melody] = bisect_left(self.target_bars, bars)
                if self.first_note_at is None and any(map(self._is_generated, notes)):
                    self.first_note_at = time.monotonic()
            case MelodyEvent(melody=melody, partial=False):
                self.bars[melody] = len(self.target_bars)
            case ResyncEvent():
                self.bars.clear()

    def _is_generated(self, note: Note) -> bool:
        """Whether a note is generated: the stream begins with the notes of the primer."""
        return note.start // TICKS_PER_BAR in self.target_bars


def show_progress(
    client: Client, job: GenerationJob, console: Console, *, primer_bars: int = 0
) -> JobProgress:
    """Show the progress until the job's last event."""
    continued = range(primer_bars, primer_bars + job.request.bars)
    progress = JobProgress(target_bars=job.request.regenerate or continued, state=job.state)
    total = job.request.count * len(progress.target_bars)
    with ProgressDisplay(console) as display:
        for event in follow(client, job.id, console):
            progress.update(event)
            done = progress.bars_generated
            display.update(progress.state, done / total, f"{done:,}/{total:,} bars")
    return progress
