"""The `ostinato` command: the client's methods for people and scripts at a terminal.

Exits with 0, with 1 if the job did not bring everything, with 2 if the request cannot be served
(the gateway's own words say why), and with 130 after Ctrl-C. It refuses to know how the stack is
run: `up` and `doctor` start `python -m deploy.local` by name.
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
    checked,
    conversation,
    show,
    show_one,
    writing,
)
from ostinato.cli.files import save
from ostinato.cli.job_progress import Heard, follow
from ostinato.client import Client
from ostinato.errors import ApiError
from ostinato.schemas.generations import GenerationRequest, Primer
from ostinato.schemas.jobs import Job, JobState

DEFAULTS = GenerationRequest(model="newest")
"""The wire's own defaults, so that --help shows them."""
BARS = "Bars of four quarters; the first may be an upbeat."
UNUSABLE = frozenset({413, 422})
"""The statuses that find fault with what was handed in."""
CANCEL_SECONDS = 10.0
"""Workers drop a cancelled job at their next step; nobody waits longer at a terminal."""

app = typer.Typer(
    help="Symbolic music as jobs: ask for melodies, hear them grow, keep the MIDI.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

JobId = Annotated[UUID, typer.Argument(help="The job's id.")]

app.add_typer(datasets.app, name="datasets")
for command in (
    trainings.train,
    trainings.trainings,
    trainings.training,
    trainings.pause,
    trainings.resume,
    models.models,
    models.promote,
    evaluate.evaluate,
):
    app.command()(command)


@app.command()
def generate(  # noqa: PLR0913 - typer makes each argument an option
    *,
    model: Annotated[
        str | None, typer.Option(help="A version; the one promoted last if left out.")
    ] = None,
    count: Annotated[int, typer.Option(help="Melodies.")] = DEFAULTS.count,
    bars: Annotated[int, typer.Option(help=BARS)] = DEFAULTS.bars,
    tempo: Annotated[int, typer.Option(help="Quarters a minute.")] = DEFAULTS.tempo,
    instrument: Annotated[int, typer.Option(help="General MIDI, from 0.")] = DEFAULTS.instrument,
    temperature: Annotated[
        float, typer.Option(help="0 takes the likeliest token each time.")
    ] = DEFAULTS.sampling.temperature,
    top_k: Annotated[int, typer.Option(help="0 keeps all.")] = DEFAULTS.sampling.top_k,
    top_p: Annotated[float, typer.Option(help="1 keeps all.")] = DEFAULTS.sampling.top_p,
    min_p: Annotated[float, typer.Option(help="0 keeps all.")] = DEFAULTS.sampling.min_p,
    seed: Annotated[int | None, typer.Option(help="The gateway draws one if left out.")] = None,
    primer: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="MIDI file to go on from.")
    ] = None,
    regenerate: Annotated[
        str | None, typer.Option(help="Bars of --primer to write anew, from 1, such as 3-4,7.")
    ] = None,
    scale: Annotated[
        str | None, typer.Option(help='The scale to stay in, such as "D dorian".')
    ] = None,
    chords: Annotated[
        str | None, typer.Option(help='A chord for each bar, such as "Am7 Dm G7 C".')
    ] = None,
    strictness: Annotated[
        float, typer.Option(help="Of scale and chords: 1 is never left, 0 means nothing.")
    ] = 1.0,
    out: Annotated[
        Path, typer.Option(file_okay=False, writable=True, help="Where MIDI and pictures go.")
    ] = Path("out"),
) -> None:
    """Write melodies, watch them grow, and save each as MIDI with a picture."""
    sampling = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p}
    with conversation() as client:
        theme = _theme(client, primer) if primer else None
        request = checked(
            GenerationRequest,
            model=model or models.newest(client),
            count=count,
            bars=bars,
            tempo=tempo,
            instrument=instrument,
            sampling=sampling,
            seed=seed,
            primer_id=theme.id if theme else None,
            regenerate=parsing.bars(regenerate) if regenerate else None,
            scale=parsing.scale(scale, strictness) if scale else None,
            chords=parsing.chords(chords, strictness) if chords else None,
        )
        _perform(client, request, out, primer_bars=theme.bars if theme else 0)


@app.command()
def reproduce(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="One of ours.")],
) -> None:
    """Let a MIDI file of the service be made again, and see whether it is the same."""
    midi = file.read_bytes()
    with conversation() as client:
        job = client.wait(client.reproduce(midi).id)
        again = [client.midi(melody.id) for melody in client.melodies(job.id)]
    if again != [midi]:
        what = "the bytes are others" if again else _whereabouts(job)
        typer.echo(f"{file}: {what}", err=True)
        raise typer.Exit(1)
    typer.echo(f"{file}: {job.request.model} has written the same bytes again.")


@app.command()
def jobs(*, state: JobState | None = None, limit: Limit = 20, as_json: AsJson = False) -> None:
    """List your jobs, newest first."""
    with conversation() as client:
        rows = list(islice(client.jobs(state), limit))
    show(rows, tables.jobs, as_json=as_json)


@app.command()
def job(job_id: JobId, *, as_json: AsJson = False) -> None:
    """Show how far a job is."""
    with conversation() as client:
        row = client.job(job_id)
    show_one(row, tables.facts, as_json=as_json)


@app.command()
def cancel(job_id: Annotated[UUID, typer.Argument(help="A job's or a training's.")]) -> None:
    """Stop a job, whose finished melodies stay, or a training, of which nothing stays."""
    with conversation() as client:
        try:
            typer.echo(_whereabouts(client.cancel(job_id)))
        except ApiError as fault:
            if fault.code != "job_not_found":
                raise
            typer.echo(trainings.whereabouts(client.cancel_training(job_id)))


@app.command()
def melodies(
    *,
    of: Annotated[UUID | None, typer.Option("--job", help="Only this job's, in order.")] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List what was made, newest first."""
    with conversation() as client:
        rows = list(islice(client.melodies(of), limit))
    show(rows, tables.melodies, as_json=as_json)


@app.command()
def up() -> None:
    """Start the whole stack on this machine and stay until Ctrl-C."""
    _become("up")


@app.command()
def doctor() -> None:
    """Check what the stack needs on this machine."""
    _become("doctor")


def _theme(client: Client, path: Path) -> Primer:
    """The gateway is handed notes without a name; a person wants to know which file it means."""
    try:
        return client.primer(path.read_bytes())
    except ApiError as fault:
        if fault.status in UNUSABLE:
            fault.detail = f"{path}: {fault.detail}"
        raise


def _perform(client: Client, request: GenerationRequest, out: Path, *, primer_bars: int) -> None:
    console = Console()
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    asked_at = time.monotonic()
    job = client.generate(request)
    console.print(f"Job {job.id}", highlight=False)
    try:
        heard = follow(client, job, console, primer_bars=primer_bars)
        job = client.wait(job.id)
    except KeyboardInterrupt:
        _give_up(client, job, out, console)
    _save(client, job, out, console)
    _report(console, job, heard, asked_at)


def _report(console: Console, job: Job, heard: Heard, asked_at: float) -> None:
    if heard.first_note_at is not None:
        console.print(f"First note after {heard.first_note_at - asked_at:.2f} s.")
    if job.state is not JobState.SUCCEEDED:
        typer.echo(_whereabouts(job), err=True)
        raise typer.Exit(1)


def _save(client: Client, job: Job, out: Path, console: Console) -> int:
    """How many melodies were there to be saved."""
    melodies = track(
        client.melodies(job.id), "saving", total=job.succeeded, console=console, transient=True
    )
    with writing(out, f" Job {job.id} is kept: see `ostinato melodies --job {job.id}`."):
        rows = [(melody, save(client, melody, out)) for melody in melodies]
    if rows:
        console.print(tables.saved(rows))
    return len(rows)


def _give_up(client: Client, job: Job, out: Path, console: Console) -> NoReturn:
    """Ctrl-C means the job, not only this command; what is finished is worth keeping."""
    client.cancel(job.id)
    job = client.wait(job.id, seconds=CANCEL_SECONDS)
    saved = f"{_save(client, job, out, console)} of {job.request.count} melodies saved in {out}/"
    typer.echo(f"Job {job.id} is {job.state}; {saved}.", err=True)
    raise typer.Exit(INTERRUPTED)


def _whereabouts(job: Job) -> str:
    counts = f"{job.succeeded} of {job.request.count} melodies are there"
    reason = f": {job.error.detail}" if job.error else "."
    return f"Job {job.id} is {job.state}; {counts}{reason}"


def _become(command: str) -> NoReturn:
    """Replace this process, so that signals reach the stack's supervisor at once."""
    os.execv(sys.executable, [sys.executable, "-m", "deploy.local", command])  # noqa: S606 - no shell is the point
