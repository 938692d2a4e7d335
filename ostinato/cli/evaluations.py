"""`ostinato evaluate`, `evaluations` and `evaluation`.

Versions are evaluated one after another, so that their melodies do not fill the queue.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Annotated
from uuid import UUID

import typer

from ostinato.cli import tables
from ostinato.cli.console import INTERRUPTED, AsJson, Limit, client_session, show, show_one
from ostinato.cli.job_progress import show_progress
from ostinato.cli.parsing import number, parse_id, validated
from ostinato.cli.progress import progress_console, show_stages
from ostinato.client import Client
from ostinato.errors import ApiError
from ostinato.schemas.evaluations import Evaluation, SampleEvaluation
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import GenerationJob
from ostinato.schemas.models import ModelVersion

EvaluationId = Annotated[
    UUID,
    typer.Argument(parser=parse_id, metavar="EVALUATION_ID", help="Id of the evaluation."),
]


def evaluate(
    versions: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="VERSION",
            help="Versions; default: the promoted ones whose music the trainer has.",
        ),
    ] = None,
    *,
    count: Annotated[int, number(GenerationRequest, "count", "Melodies per version.")] = 1000,
    bars: Annotated[int, number(GenerationRequest, "bars", "Bars per melody.")] = 8,
    seed: Annotated[
        int,
        number(GenerationRequest, "seed", "Seed of the first melody; melody i has seed + i."),
    ] = 0,
) -> None:
    """Generate melodies with versions, and compare them with held-out music.

    The result becomes part of the version's card: see `ostinato models --json`. Ctrl-C cancels.
    """
    with client_session() as client:
        requests = [
            validated(GenerationRequest, model=name, count=count, bars=bars, seed=seed)
            for name in _select(list(client.models()), versions or [], bars)
        ]
        results = {request.resolved_model: _evaluate(client, request) for request in requests}
        models = list(client.models())
    for model in models:
        if model.promoted_at is not None:
            _warn_if_superseded(model, results.get(model.version))
    if failed := [name for name, samples in results.items() if samples is None]:
        typer.echo(f"Not evaluated: {', '.join(failed)}.", err=True)
        raise typer.Exit(1)


def evaluations(*, limit: Limit = 20, as_json: AsJson = False) -> None:
    """List your evaluations, newest first."""
    with client_session() as client:
        rows = list(islice(client.evaluations(), limit))
    show(rows, tables.evaluations, as_json=as_json)


def evaluation(evaluation_id: EvaluationId, *, as_json: AsJson = False) -> None:
    """Show an evaluation and its result."""
    with client_session() as client:
        row = client.evaluation(evaluation_id)
    show_one(row, tables.evaluation, as_json=as_json)


def _select(models: Sequence[ModelVersion], names: Sequence[str], bars: int) -> list[str]:
    """The versions to evaluate: all that are named, or all that can be evaluated.

    Raises:
        typer.Exit: a version that is named cannot be evaluated, or none can; nothing was generated.
    """
    promoted = {model.version: model for model in models if model.promoted_at is not None}
    registered = {model.version for model in models}
    problems = {
        name: problem
        for name in names or promoted
        if (problem := _problem(name, promoted.get(name), name in registered, bars)) is not None
    }
    for problem in problems.values():
        typer.echo(problem, err=True)
    selected = [name for name in names or promoted if name not in problems]
    if (names and problems) or not selected:
        typer.echo(f"Nothing was generated. {_possible(promoted.values())}", err=True)
        raise typer.Exit(2)
    return selected


def _problem(name: str, model: ModelVersion | None, is_registered: bool, bars: int) -> str | None:  # noqa: FBT001 - one caller
    """Why a version cannot be evaluated; None if it can."""
    if model is None and is_registered:
        return f"{name} is not promoted: `ostinato promote {name}` promotes it."
    if model is None:
        return f"There is no model '{name}'."
    if model.data_error is not None:
        return (
            f"{name} cannot be evaluated, because the trainer lacks its music: {model.data_error}"
        )
    if bars > model.capabilities.max_bars:
        return f"--bars: {name} generates 1 to {model.capabilities.max_bars} bars."
    return None


def _possible(promoted: Iterable[ModelVersion]) -> str:
    names = [model.version for model in promoted if model.data_error is None]
    listed = ", ".join(names) if names else "none"
    return f"Versions that can be evaluated: {listed}."


def _evaluate(client: Client, request: GenerationRequest) -> SampleEvaluation | None:
    """The result of one version; None, with the reason printed, if the evaluation failed."""
    job: GenerationJob | None = None
    evaluation: Evaluation | None = None
    typer.echo(f"{request.model}: {request.count:,} melodies")
    try:
        job = client.generate(request)
        show_progress(client, job, progress_console())
        job = client.wait(job.id)
        evaluation = client.evaluate(job.id)
        typer.echo(f"Evaluation {evaluation.id}")
        show_stages(client, evaluation.id, progress_console())
        evaluation = client.wait_for_evaluation(evaluation.id)
    except ApiError as error:
        typer.echo(f"{request.model}: {error.detail}", err=True)
        return None
    except KeyboardInterrupt:
        typer.echo(_cancel(client, job, evaluation), err=True)
        raise typer.Exit(INTERRUPTED) from None
    typer.echo(status_line(evaluation), err=evaluation.error is not None)
    return evaluation.samples


def _cancel(client: Client, job: GenerationJob | None, evaluation: Evaluation | None) -> str:
    """Cancel what runs, and return its status; before an evaluation, that is its job."""
    try:
        if evaluation is not None:
            return status_line(client.cancel_evaluation(evaluation.id))
        if job is not None:
            return f"Job {job.id} is {client.cancel(job.id).state}; it is not evaluated."
    except ApiError as error:
        return error.detail
    return "Nothing was generated."


def _warn_if_superseded(model: ModelVersion, samples: SampleEvaluation | None) -> None:
    """Warn if the card keeps an earlier evaluation, by more melodies, instead of this one."""
    kept = model.evaluation.samples
    if samples is not None and kept is not None and kept.job_id != samples.job_id:
        typer.echo(
            f"{model.version}: its card keeps an earlier evaluation by "
            f"{kept.num_pieces:,} melodies, which takes precedence.",
            err=True,
        )


def status_line(evaluation: Evaluation) -> str:
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
