"""Tables of jobs, melodies, models, data sets and trainings."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel
from rich import box
from rich.table import Table
from rich.text import Text

from ostinato.schemas.datasets import Dataset, DatasetState
from ostinato.schemas.jobs import GenerationJob, JobState
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
DATASET_STYLES = {DatasetState.READY: "green", DatasetState.REJECTED: "red"}


def jobs(rows: Iterable[GenerationJob]) -> Table:
    """One job per line."""
    table = _table("job", "state", "model", "done", "created")
    for job in rows:
        done = f"{job.succeeded}/{job.request.count}"
        created = _local(job.created_at)
        table.add_row(str(job.id), _state(job.state), job.request.model, done, created)
    return table


def key_values(row: BaseModel) -> Table:
    """One object, one field per line."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in _flatten(row.model_dump(mode="json", exclude_none=True)):
        table.add_row(Text(name, style="dim"), Text(str(value), overflow="fold"))
    return table


def melodies(rows: Iterable[MelodySummary]) -> Table:
    """One melody per line."""
    table = _table("melody", "version", "seed", "bars", "notes")
    for melody in rows:
        table.add_row(str(melody.id), *_melody_cells(melody))
    return table


def saved_melodies(rows: Iterable[tuple[MelodySummary, Path]]) -> Table:
    """One melody per line, with its generation speed and its path."""
    table = _table("version", "seed", "bars", "notes", "seconds", "tokens/s", "path")
    for melody, path in rows:
        seconds = melody.generation_seconds
        rate = f"{melody.num_tokens / seconds:.0f}" if seconds else "-"
        table.add_row(*_melody_cells(melody), f"{seconds:.2f}", rate, Text(str(path)))
    return table


def models(rows: Iterable[ModelVersion]) -> Table:
    """One version per line."""
    table = _table("version", "max bars", "continues MIDI", "nats/note", "promoted", "description")
    for model in rows:
        nats_per_note = model.evaluation.nats_per_note
        table.add_row(
            model.version,
            str(model.capabilities.max_bars),
            "yes" if model.capabilities.primer else "no",
            "-" if nats_per_note is None else str(nats_per_note),
            "yes" if model.promoted_at else "no",
            model.description,
        )
    return table


def datasets(rows: Iterable[Dataset]) -> Table:
    """One data set per line."""
    table = _table("data set", "name", "state", "files", "used", "notes", "hours")
    for dataset in rows:
        report = dataset.report
        counts = (report.used, report.num_notes, report.hours) if report else ("-", "-", "-")
        style = DATASET_STYLES.get(dataset.state, "dim")
        state = Text(dataset.state, style=style)
        cells = map(str, (dataset.num_files, *counts))
        table.add_row(str(dataset.id), dataset.name, state, *cells)
    return table


def trainings(rows: Iterable[Training]) -> Table:
    """One training per line."""
    table = _table("training", "state", "recipe", "version", "step", "nats/note", "created")
    for training in rows:
        latest, best = training.latest, training.best
        table.add_row(
            str(training.id),
            _state(training.state),
            training.request.recipe,
            training.request.version,
            str(latest.step) if latest else "-",
            f"{best.held_out_nats_per_note:.3f}" if best else "-",
            _local(training.created_at),
        )
    return table


def _melody_cells(melody: MelodySummary) -> tuple[str, str, str, str]:
    return melody.model, str(melody.seed), str(melody.bars), str(melody.num_notes)


def _state(state: JobState) -> Text:
    return Text(state, style=STATE_STYLES.get(state, "dim"))


def _local(moment: datetime) -> str:
    return f"{moment.astimezone():%d %b %H:%M}"


def _flatten(values: dict[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flatten(value)
        else:
            yield name, value


def _table(first: str, *others: str) -> Table:
    """The first column never wraps: it is an id to copy."""
    table = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    table.add_column(first, no_wrap=True)
    for header in others:
        table.add_column(header, overflow="fold")
    return table
