"""What the `ostinato` command prints: jobs, melodies, models, data sets and trainings as tables.

Refuses to know where the rows came from.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel
from rich import box
from rich.table import Table
from rich.text import Text

from ostinato.schemas.datasets import Dataset, DatasetState
from ostinato.schemas.jobs import Job, JobState
from ostinato.schemas.melodies import MelodySummary
from ostinato.schemas.models import ModelVersion
from ostinato.schemas.trainings import Training

STATE_STYLES = {
    JobState.SUCCEEDED: "green",
    JobState.RUNNING: "cyan",
    JobState.FAILED: "red",
    JobState.PARTIAL: "yellow",
    JobState.PAUSED: "yellow",
}
DATASET_STYLES = {DatasetState.READY: "green", DatasetState.REFUSED: "red"}


def jobs(rows: Iterable[Job]) -> Table:
    """One job a line."""
    table = _table("job", "state", "model", "done", "asked")
    for job in rows:
        done = f"{job.succeeded}/{job.request.count}"
        asked = f"{job.created_at.astimezone():%d %b %H:%M}"
        table.add_row(str(job.id), _state(job.state), job.request.model, done, asked)
    return table


def facts(row: BaseModel) -> Table:
    """One thing, one fact a line."""
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
    table = _table("version", "bars up to", "continues MIDI", "nats/note", "promoted", "about")
    for model in rows:
        able = model.capabilities
        table.add_row(
            model.version,
            str(able.max_bars),
            "yes" if able.primer else "no",
            str(model.evaluation.get("nats_per_note", "-")),
            "yes" if model.promoted_at else "waits",
            model.description,
        )
    return table


def datasets(rows: Iterable[Dataset]) -> Table:
    """One data set a line."""
    table = _table("data set", "name", "state", "files", "used", "notes", "hours")
    for dataset in rows:
        report = dataset.report
        found = (report.kept, report.notes, report.hours) if report else ("-", "-", "-")
        style = DATASET_STYLES.get(dataset.state, "dim")
        state = Text(dataset.state, style=style)
        table.add_row(str(dataset.id), dataset.name, state, *map(str, (dataset.files, *found)))
    return table


def trainings(rows: Iterable[Training]) -> Table:
    """One training a line."""
    table = _table("training", "state", "recipe", "version", "step", "nats/note", "asked")
    for training in rows:
        latest, best = training.latest, training.best
        table.add_row(
            str(training.id),
            _state(training.state),
            training.request.recipe,
            training.request.version,
            str(latest.step) if latest else "-",
            f"{best.held_out_nats_per_note:.3f}" if best else "-",
            f"{training.created_at.astimezone():%d %b %H:%M}",
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
