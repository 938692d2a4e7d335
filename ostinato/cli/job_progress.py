"""The progress of a generation job: what it waits for, then generated bars."""

import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console

from ostinato.cli.progress import ProgressDisplay, follow
from ostinato.client import Client
from ostinato.errors import ClientError
from ostinato.schemas.events import Event, JobEvent, MelodyEvent, NotesEvent, ResyncEvent
from ostinato.schemas.jobs import GenerationJob, JobState


@dataclass(slots=True, kw_only=True)
class JobProgress:
    """The progress of one job, according to the events so far."""

    target_bars: Sequence[int]
    """Indexes of the bars that are generated in each melody; all others are the primer's."""
    has_primer: bool = False
    """Whether the notes of each melody begin with those of a primer, which arrive first."""
    state: JobState
    bars: dict[int, int] = field(default_factory=dict)
    """Generated bars, by melody."""
    first_note_at: float | None = None
    """Time on the monotonic clock when the first generated note arrived."""
    waiting_for: str | None = None
    """Why no worker can run it, while it is queued."""

    @property
    def bars_generated(self) -> int:
        """Generated bars of all melodies."""
        return sum(self.bars.values())

    def update(self, event: Event) -> None:
        """Apply one event."""
        match event:
            case JobEvent(state=state):
                self.state = state
                if state is not JobState.QUEUED:
                    self.waiting_for = None
            case NotesEvent(melody=melody, first=first, bars=bars):
                self.bars[melody] = bisect_left(self.target_bars, bars)
                if first > 0 or not self.has_primer:
                    self._note_first()
            case MelodyEvent(melody=melody, partial=False):
                self.bars[melody] = len(self.target_bars)
                self._note_first()
            case ResyncEvent():
                self.bars.clear()

    def _note_first(self) -> None:
        """Record when the first generated note arrived."""
        if self.first_note_at is None:
            self.first_note_at = time.monotonic()


def show_progress(
    client: Client, job: GenerationJob, console: Console, *, primer_bars: int = 0
) -> JobProgress:
    """Show the progress until the job's last event."""
    continued = range(primer_bars, primer_bars + job.request.bars)
    progress = JobProgress(
        target_bars=job.request.regenerate or continued,
        has_primer=job.request.primer_id is not None and job.request.include_primer,
        state=job.state,
    )
    total = job.request.count * len(progress.target_bars)
    with ProgressDisplay(console) as display:

        def show(*, is_news: bool = False) -> None:
            done = progress.bars_generated
            detail = progress.waiting_for or f"{done:,}/{total:,} bars"
            display.update(progress.state, done / total, detail, is_news=is_news)

        def show_reason() -> None:
            if progress.state is JobState.QUEUED:
                known, progress.waiting_for = progress.waiting_for, _waiting_for(client, job)
                show(is_news=progress.waiting_for not in (known, None))

        for event in follow(client, job.id, console, show_reason):
            progress.update(event)
            show()
    return progress


def _waiting_for(client: Client, job: GenerationJob) -> str | None:
    """Why no worker can run a queued job; None if one can, or if the gateway does not answer."""
    try:
        return client.job(job.id).waiting_for
    except ClientError as error:
        if not error.is_transient:
            raise
        return None
