"""`ostinato jobs`, `job`, `receipt` and `cancel`."""

from itertools import islice
from typing import Annotated
from uuid import UUID

import typer

from ostinato.cli import datasets, evaluations, tables, trainings
from ostinato.cli.batches import progress as batch_progress
from ostinato.cli.console import AsJson, Limit, client_session, show, show_one
from ostinato.cli.parsing import STATES, parse_id, parse_state
from ostinato.client import Client
from ostinato.errors import ApiError
from ostinato.schemas.engravings import Engraving
from ostinato.schemas.jobs import GenerationJob, JobState

JobId = Annotated[UUID, typer.Argument(parser=parse_id, metavar="JOB_ID", help="Id of the job.")]


def jobs(
    *,
    state: Annotated[
        JobState | None,
        typer.Option(
            parser=parse_state, metavar="STATE", help=f"Only jobs in this state: {STATES}."
        ),
    ] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List your generation jobs, newest first."""
    with client_session() as client:
        rows = list(islice(client.jobs(state), limit))
    show(rows, tables.jobs, as_json=as_json)


def job(job_id: JobId, *, as_json: AsJson = False) -> None:
    """Show a generation job and its progress."""
    with client_session() as client:
        row = client.job(job_id)
    show_one(row, tables.key_values, as_json=as_json)


def receipt(job_id: JobId) -> None:
    """Print what happened in a job of any kind, as JSON, a line for each page of its shards.

    It has the leases of workers, weights, seeds, and the SHA-256 of each melody.
    """
    with client_session() as client:
        for page in client.receipt(job_id):
            typer.echo(page.model_dump_json())


def cancel(
    job_id: Annotated[
        UUID,
        typer.Argument(
            parser=parse_id,
            metavar="ID",
            help="Id of a job, batch, training, evaluation, data set or engraving.",
        ),
    ],
) -> None:
    """Cancel a job of any kind; finished melodies and complete bars are kept."""
    with client_session() as client:
        typer.echo(_cancel(client, job_id))


def _cancel_job(client: Client, job_id: UUID) -> str:
    return status_line(client.cancel(job_id))


def _cancel_batch(client: Client, batch_id: UUID) -> str:
    return batch_progress.status_line(client.cancel_batch(batch_id))


def _cancel_training(client: Client, training_id: UUID) -> str:
    return trainings.status_line(client.cancel_training(training_id))


def _cancel_evaluation(client: Client, evaluation_id: UUID) -> str:
    return evaluations.status_line(client.cancel_evaluation(evaluation_id))


def _cancel_dataset(client: Client, dataset_id: UUID) -> str:
    return datasets.status_line(client.cancel_dataset(dataset_id))


def _cancel_engraving(client: Client, engraving_id: UUID) -> str:
    return _engraving_status(client.cancel_engraving(engraving_id))


CANCEL_BY_KIND = {
    "batch": _cancel_batch,
    "job": _cancel_job,
    "training": _cancel_training,
    "evaluation": _cancel_evaluation,
    "dataset": _cancel_dataset,
    "engraving": _cancel_engraving,
}


def _cancel(client: Client, found_id: UUID) -> str:
    """Cancel what has this id, and return its status; the ids of all kinds differ."""
    for kind, cancel_one in CANCEL_BY_KIND.items():
        try:
            return cancel_one(client, found_id)
        except ApiError as error:
            if error.code != f"{kind}_not_found":
                raise
    typer.echo(
        f"There is no job, batch, training, evaluation, data set or engraving '{found_id}'.",
        err=True,
    )
    raise typer.Exit(2)


def status_line(job: GenerationJob) -> str:
    """A job in one sentence."""
    counts = f"{job.succeeded} of {job.request.count} melodies are finished"
    reason = f": {job.error.detail}" if job.error else "."
    return f"Job {job.id} is {job.state}; {counts}{reason}"


def _engraving_status(engraving: Engraving) -> str:
    return f"Engraving {engraving.id} is {engraving.state}."
