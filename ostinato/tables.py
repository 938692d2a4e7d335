"""What the `ostinato` command prints: jobs, melodies and models as tables.

Refuses to know where the rows came from.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from rich import box
from rich.table import Table
from rich.text import Text

from shared.schemas.jobs import Job, JobState
from shared.schemas.melodies import MelodySummary
from shared.schemas.models import ModelVersion

STATE_STYLES = {
    JobState.SUCCEEDED: "green",
    JobState.RUNNING: "cyan",
    JobState.FAILED: "red",
    JobState.PARTIAL: "yellow",
}


def jobs(rows: Iterable[Job]) -> Table:
    """One job a line."""
    table = _table("job", "state", "model", "done", "asked")
    for job in rows:
        done = f"{job.succeeded}/{job.request.count}"
        asked = f"{job.created_at.astimezone():%d %b %H:%M}"
        table.add_row(str(job.id), _state(job.state), job.request.model, done, asked)
    return table


def job(row: Job) -> Table:
    """One job, one fact a line."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in _flat(row.model_dump(mode="json", exclude_none=True)):
        table.add_row(Text(name, style="dim"), Text(str(value), overflow="fold"))
    return table


def melodies(rows: Iterable[MelodySummary]) -> Table:
    """One melody a line."""
    table = _table("melody", "version", "seed", "bars", "notes")
    for melody in rows:
        table.add_row(str(melody.id), *_facts(melody))
    return table


def saved(rows: Iterable[tuple[MelodySummary, Path]]) -> Table:
    """One melody a line, with how long it took and where it lies."""
    table = _table("version", "seed", "bars", "notes", "seconds", "tokens/s", "path")
    for melody, path in rows:
        rate = f"{melody.num_tokens / melody.seconds:.0f}" if melody.seconds else "-"
        table.add_row(*_facts(melody), f"{melody.seconds:.2f}", rate, Text(str(path)))
    return table


def models(rows: Iterable[ModelVersion]) -> Table:
    """One version a line."""
    table = _table("version", "bars up to", "continues MIDI", "nats/note", "about")
    for model in rows:
        able = model.capabilities
        table.add_row(
            model.version,
            str(able.max_bars),
            "yes" if able.primer else "no",
            str(model.evaluation.get("nats_per_note", "-")),
            model.description,
        )
    return table


def _facts(melody: MelodySummary) -> tuple[str, str, str, str]:
    return melody.model, str(melody.seed), str(melody.bars), str(melody.num_notes)


def _state(state: JobState) -> Text:
    return Text(state, style=STATE_STYLES.get(state, "dim"))


def _flat(shape: dict[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in shape.items():
        if isinstance(value, dict):
            yield from _flat(value)
        else:
            yield name, value


def _table(first: str, *others: str) -> Table:
    """The first column stays whole, for it is an id to copy."""
    table = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    table.add_column(first, no_wrap=True)
    for header in others:
        table.add_column(header, overflow="fold")
    return table
