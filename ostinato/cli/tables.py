"""Tables of jobs, batches, melodies, models, keys and other resources.

Each fits into 80 columns: ids never wrap, names do. A narrower terminal wraps the lines.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel
from rich import box
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ostinato.schemas.account.keys import ApiKey
from ostinato.schemas.batches import Batch, BatchItemError
from ostinato.schemas.datasets import Dataset, DatasetState
from ostinato.schemas.evaluations import Evaluation
from ostinato.schemas.jobs import GenerationJob, JobState
from ostinato.schemas.melodies import Melody, MelodySummary
from ostinato.schemas.models import ModelVersion
from ostinato.schemas.trainings import Training

STATE_STYLES = {
    JobState.SUCCEEDED: "green",
    JobState.RUNNING: "cyan",
    JobState.FAILED: "red",
    JobState.PARTIAL: "yellow",
    JobState.EXPIRED: "yellow",
    JobState.PAUSED: "yellow",
}
DATASET_STYLES = {
    DatasetState.READY: "green",
    DatasetState.REJECTED: "red",
    DatasetState.EXPIRED: "yellow",
}
NAME, PATH, DESCRIPTION = "version", "path", "description"
"""Columns of long texts, which wrap if the terminal is narrow."""
MAX_FILES = 20
"""Skipped files that the table of a data set lists."""
MIN_WIDTHS = {
    NAME: 8,
    PATH: 24,
    DESCRIPTION: 20,
    "name": 8,
    "model": 8,
    "custom_id": 8,
    "scopes": 8,
}
"""Widths below which these columns do not shrink."""


def jobs(rows: Iterable[GenerationJob]) -> Table:
    """One job per line."""
    table = _table("job", "state", "model", "done", "created")
    for job in rows:
        done = f"{job.succeeded}/{job.request.count}"
        created = _local(job.created_at)
        table.add_row(str(job.id), _state(job.state), job.request.model, done, created)
    return table


def batches(rows: Iterable[Batch]) -> Table:
    """One batch per line."""
    table = _table("batch", "state", "done", "failed", "created")
    for batch in rows:
        counts = batch.counts
        done = f"{counts.succeeded}/{counts.total}"
        created = _local(batch.created_at)
        table.add_row(str(batch.id), _state(batch.state), done, str(counts.failed), created)
    return table


def batch(row: Batch) -> Table:
    """One batch: what the gateway counts and predicts."""
    return _key_values(row.model_dump(mode="json", exclude_none=True))


def batch_errors(rows: Iterable[BatchItemError]) -> Table:
    """One failed melody per line."""
    table = _table("index", "custom_id", "code", DESCRIPTION)
    for row in rows:
        custom_id = Text("-" if row.custom_id is None else row.custom_id)
        table.add_row(str(row.index), custom_id, row.error.code, Text(row.error.detail))
    return table


def key_values(row: BaseModel) -> Table:
    """One object, one field per line."""
    return _key_values(row.model_dump(mode="json", exclude_none=True))


def melody(row: Melody) -> Table:
    """One melody, without its notes."""
    return _key_values(row.model_dump(mode="json", exclude_none=True, exclude={"notes"}))


def training(row: Training) -> Table:
    """One training, without the notes of its previews."""
    notes = {"latest": {"preview_notes"}, "best": {"preview_notes"}}
    return _key_values(row.model_dump(mode="json", exclude_none=True, exclude=notes))


def evaluation(row: Evaluation) -> RenderableType:
    """One evaluation, and the features that it compares."""
    values = row.model_dump(mode="json", exclude_none=True, exclude={"samples": {"features"}})
    if row.samples is None:
        return _key_values(values)
    table = _table("feature", "samples", "held-out", "distance")
    for name, feature in row.samples.features.items():
        table.add_row(
            name,
            f"{feature.samples_mean:.2f} ± {feature.samples_std:.2f}",
            f"{feature.held_out_mean:.2f} ± {feature.held_out_std:.2f}",
            "-" if feature.distance is None else f"{feature.distance:.2f}",
        )
    return Group(_key_values(values), "", table)


def melodies(rows: Iterable[MelodySummary]) -> Table:
    """One melody per line."""
    table = _table("melody", NAME, "seed", "bars", "notes")
    for row in rows:
        cells = (row.model, str(row.seed), _bars(row), str(row.num_notes))
        table.add_row(str(row.id), *cells)
    return table


def saved_melodies(rows: Iterable[tuple[MelodySummary, Path]]) -> Table:
    """One melody per line, with its generation speed and its path."""
    table = _table("seed", "bars", "notes", "seconds", "tokens/s", PATH)
    for row, path in rows:
        seconds = row.generation_seconds
        rate = f"{row.num_tokens / seconds:.0f}" if seconds else "-"
        cells = (str(row.seed), _bars(row), str(row.num_notes), f"{seconds:.2f}", rate)
        table.add_row(*cells, Text(str(path)))
    return table


def models(rows: Iterable[ModelVersion]) -> Table:
    """One version per line."""
    table = _table(NAME, "promoted", "bars", "primer", "infill", "nats/note", DESCRIPTION)
    for model in rows:
        nats_per_note, capabilities = model.evaluation.nats_per_note, model.capabilities
        table.add_row(
            model.version,
            _promotion(model),
            str(capabilities.max_bars),
            _yes_or_no(capabilities.primer),
            _yes_or_no(capabilities.infill),
            "-" if nats_per_note is None else f"{nats_per_note:.3f}",
            Text(model.description),
        )
    return table


def datasets(rows: Iterable[Dataset]) -> Table:
    """One data set per line."""
    table = _table("data set", "name", "state", "used", "notes")
    for dataset in rows:
        report = dataset.report
        used, notes = (report.used, report.num_notes) if report else ("-", "-")
        state = Text(dataset.state, style=DATASET_STYLES.get(dataset.state, "dim"))
        cells = (f"{used}/{dataset.num_files}", str(notes))
        table.add_row(str(dataset.id), dataset.name, state, *cells)
    return table


def dataset(row: Dataset) -> RenderableType:
    """One data set, and the first files that are not used."""
    values = row.model_dump(mode="json", exclude_none=True, exclude={"report": {"skipped_files"}})
    files = row.report.skipped_files if row.report else ()
    if not files:
        return _key_values(values)
    table = _table(PATH, DESCRIPTION)
    for file in files[:MAX_FILES]:
        table.add_row(file.name, file.detail or file.reason)
    parts: list[RenderableType] = [_key_values(values), "", table]
    if len(files) > MAX_FILES:
        parts.append(f"and {len(files) - MAX_FILES:,} more: --json lists up to 1,000")
    return Group(*parts)


def trainings(rows: Iterable[Training]) -> Table:
    """One training per line."""
    table = _table("training", "state", NAME, "step", "nats/note")
    for row in rows:
        table.add_row(
            str(row.id),
            _state(row.state),
            row.request.version,
            str(row.latest.step) if row.latest else "-",
            f"{row.best.held_out_nats_per_note:.3f}" if row.best else "-",
        )
    return table


def evaluations(rows: Iterable[Evaluation]) -> Table:
    """One evaluation per line."""
    table = _table("evaluation", "state", NAME, "created")
    for row in rows:
        table.add_row(str(row.id), _state(row.state), row.version, _local(row.created_at))
    return table


def keys(rows: Iterable[ApiKey]) -> Table:
    """One API key per line."""
    table = _table("key", "prefix", "name", "scopes", "expires")
    for row in rows:
        expires = "never" if row.expires_at is None else f"{row.expires_at.astimezone():%Y-%m-%d}"
        table.add_row(str(row.id), row.prefix, Text(row.name), " ".join(row.scopes), expires)
    return table


def least_width(table: Table) -> int:
    """Columns of a terminal below which the table would cut ids and other short texts."""
    widths = (
        column.min_width or max(cell_len(str(cell)) for cell in (column.header, *column.cells))
        for column in table.columns
    )
    return sum(widths) + len(table.columns) - 1


def _promotion(model: ModelVersion) -> str:
    if model.promoted_at is not None:
        return "default" if model.is_default else "yes"
    return model.promotion or "no"


def _bars(melody: MelodySummary) -> str:
    """The length of a melody; a mark says that it was interrupted."""
    return f"{melody.bars} partial" if melody.partial else str(melody.bars)


def _yes_or_no(value: bool) -> str:  # noqa: FBT001 - one argument
    return "yes" if value else "no"


def _state(state: JobState) -> Text:
    return Text(state, style=STATE_STYLES.get(state, "dim"))


def _local(moment: datetime) -> str:
    return f"{moment.astimezone():%d %b %H:%M}"


def _key_values(values: dict[str, object]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold", min_width=MIN_WIDTHS[DESCRIPTION])
    for name, value in _flatten(values):
        table.add_row(name, Text(value))
    return table


def _flatten(values: dict[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The fields with their paths, such as `request.sampling.top_p`."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            yield prefix + name, " ".join(map(str, value))
        elif isinstance(value, float):
            yield prefix + name, str(round(value, 3))
        else:
            yield prefix + name, str(value)


def _table(first: str, *others: str) -> Table:
    """Only the columns of names and paths wrap: all others are short, or ids to copy."""
    table = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    for header in (first, *others):
        min_width = MIN_WIDTHS.get(header)
        is_short = min_width is None
        table.add_column(header, no_wrap=is_short, overflow="fold", min_width=min_width)
    return table
