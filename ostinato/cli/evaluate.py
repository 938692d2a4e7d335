"""`ostinato evaluate`: evaluates versions by melodies that they generate.

Versions are evaluated one after another, so that their melodies do not fill the queue.
"""

from typing import Annotated

import typer
from rich.console import Console

from ostinato.cli.console import INTERRUPTED, client_session, validated
from ostinato.cli.job_progress import show_progress
from ostinato.client import Client
from ostinato.errors import ApiError
from ostinato.schemas.evaluations import Evaluation, SampleEvaluation
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import GenerationJob
from ostinato.schemas.models import ModelVersion


def evaluate(
    versions: Annotated[
        list[str] | None, typer.Argument(help="Versions; default: all promoted ones.")
    ] = None,
    *,
    count: Annotated[int, typer.Option(help="Melodies per version.")] = 1000,
    bars: Annotated[int, typer.Option(help="Bars per melody.")] = 8,
    seed: Annotated[int, typer.Option(help="Seed of the first melody; melody i has seed + i.")] = 0,
) -> None:
    """Generate melodies with each version, and compare them with held-out music.

    The result becomes part of the version's card: see `ostinato models --json`.
    """
    console = Console()
    with client_session() as client:
        names = versions or [model.version for model in _promoted(client)]
        requests = [
            validated(GenerationRequest, model=name, count=count, bars=bars, seed=seed)
            for name in names
        ]
        results = {request.model: _evaluate(client, request, console) for request in requests}
        models = _promoted(client)
    for model in models:
        _warn_if_superseded(model, results.get(model.version))
    if failed := [name for name, samples in results.items() if samples is None]:
        typer.echo(f"Not evaluated: {', '.join(failed)}.", err=True)
        raise typer.Exit(1)


def _promoted(client: Client) -> list[ModelVersion]:
    return [model for model in client.models() if model.promoted_at is not None]


def _evaluate(
    client: Client, request: GenerationRequest, console: Console
) -> SampleEvaluation | None:
    """The result of one version; None, with the reason printed, if the evaluation failed."""
    console.print(f"{request.model}: {request.count:,} melodies", highlight=False)
    try:
        job = _generate(client, request, console)
        with console.status("evaluating"):
            evaluation = client.wait_for_evaluation(client.evaluate(job.id).id)
    except ApiError as error:
        typer.echo(f"{request.model}: {error.detail}", err=True)
        return None
    typer.echo(_status_line(evaluation), err=evaluation.error is not None)
    return evaluation.samples


def _warn_if_superseded(model: ModelVersion, samples: SampleEvaluation | None) -> None:
    """Warn if the card keeps an earlier evaluation, by more melodies, instead of this one."""
    kept = model.evaluation.samples
    if samples is not None and kept is not None and kept.job_id != samples.job_id:
        typer.echo(
            f"{model.version}: its card keeps an earlier evaluation by "
            f"{kept.num_pieces:,} melodies, which takes precedence.",
            err=True,
        )


def _generate(client: Client, request: GenerationRequest, console: Console) -> GenerationJob:
    """Generate the melodies, and return the finished job; Ctrl-C cancels it."""
    job = client.generate(request)
    try:
        show_progress(client, job, console)
        return client.wait(job.id)
    except KeyboardInterrupt as interrupt:
        client.cancel(job.id)
        typer.echo(f"Job {job.id} is cancelled.", err=True)
        raise typer.Exit(INTERRUPTED) from interrupt


def _status_line(evaluation: Evaluation) -> str:
    """An evaluation in one sentence."""
    status = f"Evaluation {evaluation.id} of {evaluation.version} is {evaluation.state}"
    if evaluation.error is not None:
        return f"{status}: {evaluation.error.detail}"
    if evaluation.samples is None:
        return f"{status}."
    overlap = evaluation.samples.training_overlap
    return (
        f"{status}; median of the longest passage shared with the training music: "
        f"{overlap.samples.median:.0f} notes, held-out music {overlap.held_out.median:.0f}."
    )
