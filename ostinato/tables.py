"""What the `ostinato` command prints: jobs, melodies and models as tables.

Refuses to know where the rows came from.
"""

from collections.abc import Iterable
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
    table = _table("job", "state", "model", "melodies", "bars", "seed", "asked")
    for job in rows:
        request = job.request
        table.add_row(
            str(job.id),
            _state(job.state),
            request.model,
            f"{job.succeeded}/{request.count}",
            str(request.bars),
            str(request.seed),
            f"{job.created_at:%Y-%m-%d %H:%M:%S}",
        )
    return table


def job(row: Job) -> Table:
    """One job, one fact a line."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in row.model_dump(mode="json", exclude_none=True).items():
        table.add_row(Text(name, style="dim"), Text(str(value), overflow="fold"))
    return table


def melodies(rows: Iterable[MelodySummary]) -> Table:
    """One melody a line."""
    table = _table("melody", "version", "seed", "bars", "notes", "made")
    for melody in rows:
        made = f"{melody.created_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(melody.id), *_facts(melody), made)
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
    table = _table("version", "bars up to", "continues MIDI", "nats/note", "licence", "about")
    for model in rows:
        able = model.capabilities
        table.add_row(
            model.version,
            str(able.max_bars),
            "yes" if able.primer else "no",
            str(model.evaluation.get("nats_per_note", "-")),
            model.licence,
            model.description,
        )
    return table


def _facts(melody: MelodySummary) -> tuple[str, str, str, str]:
    return melody.model, str(melody.seed), str(melody.bars), str(melody.num_notes)


def _state(state: JobState) -> Text:
    return Text(state, style=STATE_STYLES.get(state, "dim"))


def _table(*headers: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for header in headers:
        table.add_column(header, overflow="fold")
    return table
