"""The progress of a batch: finished melodies, rate and remaining time."""

import math
import time
from collections import deque
from datetime import timedelta
from uuid import UUID

from rich.console import Console

from ostinato.cli.progress import ProgressDisplay
from ostinato.client import Client
from ostinato.schemas.batches import Batch
from ostinato.schemas.jobs import JobState

EXPLAIN_AFTER = 3.0
"""Seconds without any progress after which the reason is printed."""
RATE_SECONDS = 30.0
"""Seconds over which the rate is measured."""
MIN_RATE_SECONDS = 5.0
"""Seconds of observation below which the gateway's average rate is shown instead."""


class RecentRate:
    """Measures the rate of a batch that is followed.

    The gateway's rate is the average since the start, in which pauses and outages count.
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def apply(self, batch: Batch, now: float) -> Batch:
        """The batch with its recent rate, and the remaining time at it, once they are known."""
        if batch.state is not JobState.RUNNING:
            self._seen.clear()
            return batch
        counts = batch.counts
        self._seen.append((now, counts.succeeded))
        while now - self._seen[0][0] > RATE_SECONDS:
            self._seen.popleft()
        since, before = self._seen[0]
        if now - since < MIN_RATE_SECONDS:
            return batch
        rate = (counts.succeeded - before) / (now - since)
        eta = (counts.queued + counts.running) / rate if rate else None
        return batch.model_copy(update={"melodies_per_second": rate, "eta_seconds": eta})


def show_progress(client: Client, batch_id: UUID, console: Console) -> Batch:
    """Show the progress until the batch has ended, and return its final state."""
    *_, last = _shown(client, batch_id, console)
    return last


def _shown(client: Client, batch_id: UUID, console: Console) -> list[Batch]:
    """The last state, after all have been shown; what the batch waits for is printed once."""
    last: list[Batch] = []
    recent = RecentRate()
    explain_at = time.monotonic() + EXPLAIN_AFTER
    with ProgressDisplay(console) as display:
        for batch in client.follow_batch(batch_id):
            shown = recent.apply(batch, time.monotonic())
            display.update(batch.state, finished_share(batch), detail(shown))
            if (reason := _waiting_reason(batch)) and time.monotonic() >= explain_at:
                console.print(reason, markup=False, highlight=False, soft_wrap=True)
                explain_at = math.inf
            last = [batch]
    return last


def _waiting_reason(batch: Batch) -> str | None:
    """Why nothing of the batch runs; None if something does."""
    if batch.counts.running or not batch.waiting_for:
        return None
    if batch.state is JobState.PAUSED:
        return f"`ostinato batch resume {batch.id}` continues it."
    return f"It waits for: {batch.waiting_for}"


def finished_share(batch: Batch) -> float:
    """The share of the melodies that have ended, from 0 to 1."""
    counts = batch.counts
    ended = counts.succeeded + counts.failed + counts.cancelled + counts.expired
    return ended / counts.total


def detail(batch: Batch) -> str:
    """Finished melodies, failed ones, rate and remaining time."""
    counts = batch.counts
    parts = [f"{counts.succeeded:,}/{counts.total:,} melodies"]
    if counts.failed:
        parts.append(f"{counts.failed:,} failed")
    if batch.is_terminal or batch.state is JobState.PAUSED:
        return ", ".join(parts)
    if batch.melodies_per_second is not None:
        parts.append(f"{batch.melodies_per_second:.1f}/s")
    if batch.eta_seconds is not None:
        parts.append(f"{duration(batch.eta_seconds)} left")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Hours, minutes and seconds, such as `0:01:40`."""
    return str(timedelta(seconds=round(seconds)))


def status_line(batch: Batch) -> str:
    """A batch in one sentence."""
    counts = batch.counts
    done = f"{counts.succeeded:,} of {counts.total:,} melodies are finished"
    failed = f", {counts.failed:,} failed" if counts.failed else ""
    reason = f": {batch.error.detail}" if batch.error else "."
    return f"Batch {batch.id} is {batch.state}; {done}{failed}{reason}"


def failures_help(batch: Batch) -> str:
    """The commands that help with the melodies of a batch that failed."""
    return (
        f"`ostinato batch errors {batch.id}` lists what failed, `ostinato batch retry {batch.id}` "
        "requests it again."
    )
