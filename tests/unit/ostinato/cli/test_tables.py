"""Every table fits into 80 columns, and never cuts an id."""

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from ostinato.cli import tables
from ostinato.schemas.account.keys import Scope
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.payloads import (
    DATASET_ID,
    EVALUATION_ID,
    JOB_ID,
    KEY_ID,
    MELODY_ID,
    NOON,
    a_dataset,
    a_job,
    a_key,
    a_melody,
    a_model,
    a_summary,
    a_training,
    an_evaluation,
)

VERSION, NAME = "my-favorite-tunes", "irish-fiddle-tunes"
SEED = 2**53 - 1


def long_job() -> RenderableType:
    request = GenerationRequest(model=VERSION, count=1000)
    job = a_job(JobState.CANCELLING, count=1000, succeeded=100)
    return tables.jobs([job.model_copy(update={"request": request})])


def long_summaries() -> RenderableType:
    changes = {"model": VERSION, "seed": SEED, "bars": 256, "partial": True}
    return tables.melodies([a_summary().model_copy(update=changes)])


def saved() -> RenderableType:
    summary = a_summary().model_copy(update={"model": VERSION, "seed": SEED, "num_tokens": 9999})
    return tables.saved_melodies([(summary, Path(f"out/{VERSION}-000001-0000.mid"))])


def long_models() -> RenderableType:
    description = "A LLaMA-style decoder of four layers for fiddle tunes and string quartets."
    model = a_model(VERSION).model_copy(update={"description": description, "is_default": True})
    return tables.models([model, a_model("v8")])


def long_datasets() -> RenderableType:
    return tables.datasets([a_dataset().model_copy(update={"name": NAME, "num_files": 12345})])


def long_trainings() -> RenderableType:
    training = a_training(JobState.CANCELLING)
    request = training.request.model_copy(update={"version": VERSION})
    return tables.trainings([training.model_copy(update={"request": request})])


def long_evaluations() -> RenderableType:
    evaluation = an_evaluation(JobState.CANCELLING).model_copy(update={"version": VERSION})
    return tables.evaluations([evaluation])


def long_keys() -> RenderableType:
    key = a_key().model_copy(
        update={"name": NAME, "scopes": list(Scope), "expires_at": NOON, "prefix": "ost_WWWWWW"}
    )
    return tables.keys([key])


def lines_of(table: RenderableType, width: int = 80) -> list[str]:
    console = Console(width=width)
    with console.capture() as capture:
        console.print(table)
    return capture.get().splitlines()


LISTS: dict[Callable[[], RenderableType], object] = {
    long_job: JOB_ID,
    long_summaries: MELODY_ID,
    saved: SEED,
    long_models: "default",
    long_datasets: DATASET_ID,
    long_trainings: JOB_ID,
    long_evaluations: EVALUATION_ID,
    long_keys: KEY_ID,
}


@pytest.mark.parametrize("table", LISTS)
def test_a_list_with_long_names_fits_into_80_columns(table: Callable[[], RenderableType]) -> None:
    lines = lines_of(table())
    assert max(map(len, lines)) <= 80
    assert any(str(LISTS[table]) in line for line in lines)
    assert "…" not in "".join(lines)


@pytest.mark.parametrize("table", LISTS)
def test_no_column_is_narrower_than_its_header(table: Callable[[], RenderableType]) -> None:
    narrow, wide = lines_of(table())[0].split(), lines_of(table(), 300)[0].split()
    assert narrow == wide


@pytest.mark.parametrize(
    "details",
    [
        tables.key_values(a_job(JobState.FAILED)),
        tables.melody(a_melody()),
        tables.training(a_training()),
        tables.evaluation(an_evaluation()),
        tables.evaluation(an_evaluation(JobState.RUNNING)),
        tables.key_values(a_dataset()),
    ],
)
def test_the_details_of_one_object_fit_into_80_columns(details: RenderableType) -> None:
    assert max(map(len, lines_of(details))) <= 80


def test_a_partial_melody_is_marked() -> None:
    partial = a_summary().model_copy(update={"bars": 5, "partial": True})
    whole, interrupted = lines_of(tables.melodies([a_summary(), partial]))[-2:]
    assert "2" in whole.split()
    assert "5 partial" in interrupted
    assert "partial" not in whole


def test_nested_fields_have_their_paths() -> None:
    names = [line.split()[0] for line in lines_of(tables.training(a_training()))]
    assert {"request.version", "latest.step", "best.step"} <= set(names)
    assert not [name for name in names if "preview_notes" in name]


def test_an_evaluation_shows_its_features() -> None:
    lines = lines_of(tables.evaluation(an_evaluation()))
    row = next(line.split() for line in lines if line.startswith("polyphony"))
    assert row == ["polyphony", "6.00", "±", "0.50", "5.50", "±", "0.50", "4.25"]
