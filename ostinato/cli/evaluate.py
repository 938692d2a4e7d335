"""`ostinato evaluate`: versions are judged by what they write, and a report shows them together.

One version comes after another, so that nobody waits behind thousands of pieces. Refuses to judge,
and to keep the pieces.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ostinato.cli.console import INTERRUPTED, checked, conversation, writing
from ostinato.cli.job_progress import follow
from ostinato.client import Client
from ostinato.errors import ApiError
from ostinato.schemas.evaluations import Evaluation, Samples
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import Job
from ostinato.schemas.models import ModelVersion
from services.trainer.evaluation.report.report import REFERENCE, write_report


def evaluate(
    versions: Annotated[
        list[str] | None, typer.Argument(help="Versions; all that are promoted if left out.")
    ] = None,
    *,
    count: Annotated[int, typer.Option(help="Pieces of each version.")] = 1000,
    bars: Annotated[int, typer.Option(help="Bars of each piece.")] = 8,
    seed: Annotated[int, typer.Option(help="Of the first piece; the next ones follow.")] = 0,
    out: Annotated[
        Path, typer.Option(file_okay=False, writable=True, help="Where the report goes.")
    ] = Path("docs"),
) -> None:
    """Let versions write, judge them by it, and write the report of all versions."""
    console = Console()
    with conversation() as client:
        named = versions or [model.version for model in _promoted(client)]
        asked = [
            checked(GenerationRequest, model=name, count=count, bars=bars, seed=seed)
            for name in named
        ]
        judged = {request.model: _judge(client, request, console) for request in asked}
        shown = [model for model in _promoted(client) if model.version in {*REFERENCE, *named}]
    for model in shown:
        _say_if_kept(model, judged.get(model.version))
    with writing(out):
        written = write_report(shown, out)
    typer.echo(f"Written: {', '.join(map(str, written))}")
    if failed := [name for name, samples in judged.items() if samples is None]:
        typer.echo(f"Not judged: {', '.join(failed)}.", err=True)
        raise typer.Exit(1)


def _promoted(client: Client) -> list[ModelVersion]:
    return [model for model in client.models() if model.promoted_at is not None]


def _judge(client: Client, request: GenerationRequest, console: Console) -> Samples | None:
    """What the version is judged by now; if it is not, that is said with the reason."""
    console.print(f"{request.model}: {request.count:,} pieces", highlight=False)
    try:
        job = _generated(client, request, console)
        with console.status("judging"):
            evaluation = client.evaluated(client.evaluate(job.id).id)
    except ApiError as fault:
        typer.echo(f"{request.model}: {fault.detail}", err=True)
        return None
    typer.echo(_whereabouts(evaluation), err=evaluation.error is not None)
    return evaluation.samples


def _say_if_kept(model: ModelVersion, samples: Samples | None) -> None:
    """The report is by the cards, and a card keeps the judgement that weighs more."""
    standing = model.evaluation.get("samples")
    if samples is not None and standing and standing["job_id"] != str(samples.job_id):
        kept = f"its card keeps the judgement by {standing['pieces']:,} pieces"
        typer.echo(f"{model.version}: {kept}, which weighs more.", err=True)


def _generated(client: Client, request: GenerationRequest, console: Console) -> Job:
    """The job when it has ended; Ctrl-C ends it, too."""
    job = client.generate(request)
    try:
        follow(client, job, console)
        return client.wait(job.id)
    except KeyboardInterrupt as interrupt:
        client.cancel(job.id)
        typer.echo(f"Job {job.id} is cancelled.", err=True)
        raise typer.Exit(INTERRUPTED) from interrupt


def _whereabouts(evaluation: Evaluation) -> str:
    """An evaluation in one sentence."""
    words = f"Evaluation {evaluation.id} of {evaluation.version} is {evaluation.state}"
    if evaluation.error is not None:
        return f"{words}: {evaluation.error.detail}"
    if evaluation.samples is None:
        return f"{words}."
    copied = evaluation.samples.longest_copied_notes
    ours = f"{copied.samples.median:.0f} notes are copied in a row at the median"
    return f"{words}; {ours}, {copied.held_out.median:.0f} by held-out music."
