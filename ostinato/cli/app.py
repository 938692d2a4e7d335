"""The `ostinato` command: the client for people and scripts at a terminal.

Exit codes: 0; 1 if a job did not finish completely; 2 if the request cannot be served (the message
is the gateway's); 130 after Ctrl-C. `up` and `doctor` execute `python -m deploy.local`, which the
client does not import.
"""

import os
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Annotated, NoReturn
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import track

from ostinato.cli import datasets, evaluate, models, parsing, tables, trainings
from ostinato.cli.console import (
    INTERRUPTED,
    AsJson,
    Limit,
    client_session,
    exit_on_write_error,
    show,
    show_one,
    validated,
)
from ostinato.cli.files import save_melody
from ostinato.cli.job_progress import JobProgress, show_progress
from ostinato.client import Client
from ostinato.errors import ApiError
from ostinato.schemas.generations import GenerationRequest, Primer
from ostinato.schemas.jobs import GenerationJob, JobState

DEFAULTS = GenerationRequest(model="latest")
"""The API's defaults, which --help shows."""
INVALID_FILE_STATUSES = frozenset({413, 422})
"""Statuses of the gateway's errors about the content of an uploaded file."""
CANCEL_TIMEOUT = 10.0
"""Seconds to wait for a cancelled job, which workers drop at their next step."""

app = typer.Typer(
    help="Generate symbolic music: request melodies, watch their progress, save the MIDI files.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

JobId = Annotated[UUID, typer.Argument(help="Id of the job.")]


@app.command()
def generate(  # noqa: PLR0913 - typer makes each argument an option
    *,
    model: Annotated[
        str | None, typer.Option(help="Version; default: the one promoted last.")
    ] = None,
    count: Annotated[int, typer.Option(help="Number of melodies.")] = DEFAULTS.count,
    bars: Annotated[
        int, typer.Option(help="Bars of four quarters; the first may be an upbeat.")
    ] = DEFAULTS.bars,
    tempo: Annotated[int, typer.Option(help="Quarter notes per minute.")] = DEFAULTS.tempo,
    instrument: Annotated[
        int, typer.Option(help="General MIDI program, from 0.")
    ] = DEFAULTS.instrument,
    temperature: Annotated[
        float, typer.Option(help="0 always selects the most likely token.")
    ] = DEFAULTS.sampling.temperature,
    top_k: Annotated[int, typer.Option(help="0 disables it.")] = DEFAULTS.sampling.top_k,
    top_p: Annotated[float, typer.Option(help="1 disables it.")] = DEFAULTS.sampling.top_p,
    min_p: Annotated[float, typer.Option(help="0 disables it.")] = DEFAULTS.sampling.min_p,
    seed: Annotated[int | None, typer.Option(help="Default: drawn by the gateway.")] = None,
    primer: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="MIDI file to continue.")
    ] = None,
    regenerate: Annotated[
        str | None,
        typer.Option(help="Bars of --primer to regenerate, counted from 1, such as 3-4,7."),
    ] = None,
    scale: Annotated[
        str | None, typer.Option(help='Scale that constrains the pitches, such as "D dorian".')
    ] = None,
    chords: Annotated[
        str | None, typer.Option(help='One chord per bar, such as "Am7 Dm G7 C".')
    ] = None,
    strictness: Annotated[
        float,
        typer.Option(help="Strictness of --scale and --chords: 1 excludes other pitches, 0 none."),
    ] = 1.0,
    out: Annotated[
        Path, typer.Option(file_okay=False, writable=True, help="Folder for MIDI files and images.")
    ] = Path("out"),
) -> None:
    """Generate melodies, show their progress, and save each as MIDI with a piano roll."""
    sampling = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p}
    with client_session() as client:
        uploaded = _upload_primer(client, primer) if primer else None
        request = validated(
            GenerationRequest,
            model=model or models.latest_promoted(client),
            count=count,
            bars=bars,
            tempo=tempo,
            instrument=instrument,
            sampling=sampling,
            seed=seed,
            primer_id=uploaded.id if uploaded else None,
            regenerate=parsing.bars(regenerate) if regenerate else None,
            scale=parsing.scale(scale, strictness) if scale else None,
            chords=parsing.chords(chords, strictness) if chords else None,
        )
        _generate(client, request, out, primer_bars=uploaded.bars if uploaded else 0)


@app.command()
def reproduce(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="MIDI file of this service.")
    ],
) -> None:
    """Regenerate a MIDI file of the service, and check that the bytes are the same."""
    midi = file.read_bytes()
    with client_session() as client:
        job = client.wait(client.reproduce(midi).id)
        regenerated = [client.midi(melody.id) for melody in client.melodies(job.id)]
    if regenerated != [midi]:
        reason = "the regenerated bytes differ" if regenerated else _status_line(job)
        typer.echo(f"{file}: {reason}", err=True)
        raise typer.Exit(1)
    typer.echo(f"{file}: {job.request.model} regenerated the same bytes.")


@app.command()
def jobs(*, state: JobState | None = None, limit: Limit = 20, as_json: AsJson = False) -> None:
    """List your generation jobs, newest first."""
    with client_session() as client:
        rows = list(islice(client.jobs(state), limit))
    show(rows, tables.jobs, as_json=as_json)


@app.command()
def job(job_id: JobId, *, as_json: AsJson = False) -> None:
    """Show a generation job and its progress."""
    with client_session() as client:
        row = client.job(job_id)
    show_one(row, tables.key_values, as_json=as_json)


@app.command()
def cancel(
    job_id: Annotated[UUID, typer.Argument(help="Id of a generation job or a training.")],
) -> None:
    """Cancel a job or a training; finished melodies are kept, a training's weights are not."""
    with client_session() as client:
        try:
            typer.echo(_status_line(client.cancel(job_id)))
        except ApiError as error:
            if error.code != "job_not_found":
                raise
            typer.echo(trainings.status_line(client.cancel_training(job_id)))


@app.command()
def melodies(
    *,
    job_id: Annotated[
        UUID | None, typer.Option("--job", help="Only the melodies of this job, in order.")
    ] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List your melodies, newest first."""
    with client_session() as client:
        rows = list(islice(client.melodies(job_id), limit))
    show(rows, tables.melodies, as_json=as_json)


for command in (
    models.models,
    models.promote,
    trainings.train,
    trainings.trainings,
    trainings.training,
    trainings.pause,
    trainings.resume,
    evaluate.evaluate,
):
    app.command()(command)
app.add_typer(datasets.app, name="datasets")


@app.command()
def up() -> None:
    """Start the embedded stack and run it until Ctrl-C."""
    _exec_local_stack("up")


@app.command()
def doctor() -> None:
    """Check this machine's requirements for the embedded stack."""
    _exec_local_stack("doctor")


def _upload_primer(client: Client, path: Path) -> Primer:
    """Upload the primer; the gateway has no name of the file, so its errors get it here."""
    try:
        return client.upload_primer(path.read_bytes())
    except ApiError as error:
        if error.status in INVALID_FILE_STATUSES:
            error.detail = f"{path}: {error.detail}"
        raise


def _generate(client: Client, request: GenerationRequest, out: Path, *, primer_bars: int) -> None:
    console = Console()
    with exit_on_write_error(out):
        out.mkdir(parents=True, exist_ok=True)
    requested_at = time.monotonic()
    job = client.generate(request)
    console.print(f"Job {job.id}", highlight=False)
    try:
        progress = show_progress(client, job, console, primer_bars=primer_bars)
        job = client.wait(job.id)
    except KeyboardInterrupt:
        _cancel_and_save(client, job, out, console)
    _save(client, job, out, console)
    _print_outcome(console, job, progress, requested_at)


def _print_outcome(
    console: Console, job: GenerationJob, progress: JobProgress, requested_at: float
) -> None:
    if progress.first_note_at is not None:
        console.print(f"First note after {progress.first_note_at - requested_at:.2f} s.")
    if job.state is not JobState.SUCCEEDED:
        typer.echo(_status_line(job), err=True)
        raise typer.Exit(1)


def _save(client: Client, job: GenerationJob, out: Path, console: Console) -> int:
    """Save the finished melodies, and return their number."""
    melodies = track(
        client.melodies(job.id), "saving", total=job.succeeded, console=console, transient=True
    )
    help_text = f" The melodies are not lost: see `ostinato melodies --job {job.id}`."
    with exit_on_write_error(out, help_text):
        rows = [(melody, save_melody(client, melody, out)) for melody in melodies]
    if rows:
        console.print(tables.saved_melodies(rows))
    return len(rows)


def _cancel_and_save(client: Client, job: GenerationJob, out: Path, console: Console) -> NoReturn:
    """Ctrl-C cancels the job, not only this command; finished melodies are saved."""
    client.cancel(job.id)
    job = client.wait(job.id, seconds=CANCEL_TIMEOUT)
    saved = f"{_save(client, job, out, console)} of {job.request.count} melodies saved in {out}/"
    typer.echo(f"Job {job.id} is {job.state}; {saved}.", err=True)
    raise typer.Exit(INTERRUPTED)


def _status_line(job: GenerationJob) -> str:
    """A job in one sentence."""
    counts = f"{job.succeeded} of {job.request.count} melodies are finished"
    reason = f": {job.error.detail}" if job.error else "."
    return f"Job {job.id} is {job.state}; {counts}{reason}"


def _exec_local_stack(command: str) -> NoReturn:
    """Replace this process, so that signals reach the stack's supervisor directly."""
    os.execv(sys.executable, [sys.executable, "-m", "deploy.local", command])  # noqa: S606 - no shell is the point
