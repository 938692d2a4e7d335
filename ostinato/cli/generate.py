"""`ostinato generate` and `ostinato reproduce`."""

import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from ostinato.cli import parsing
from ostinato.cli.batches.folder import FolderRecord, generate_batch
from ostinato.cli.console import INTERRUPTED, client_session, exit_on_write_error, naming_file
from ostinato.cli.job_progress import JobProgress, show_progress
from ostinato.cli.jobs import status_line
from ostinato.cli.melodies import Out, save_melodies
from ostinato.cli.parsing import DEFAULTS, number
from ostinato.cli.primer_part import PrimerPart, check_part, describe_tracks, upload_part
from ostinato.cli.progress import progress_console
from ostinato.client import Client
from ostinato.schemas.batches import BatchRequest
from ostinato.schemas.generations import SHARD_SIZE, GenerationRequest, Sampling
from ostinato.schemas.harmony import Chords
from ostinato.schemas.jobs import GenerationJob, JobState
from ostinato.schemas.notes import Metre

BY_VERSION = "Default: that of the version."
CANCEL_TIMEOUT = 10.0
"""Seconds to wait for a cancelled job, which workers drop at their next step."""


def generate(  # noqa: PLR0913 - typer makes each argument an option
    *,
    model: Annotated[
        str | None, typer.Option(help="Version; default: see `ostinato models`.")
    ] = None,
    count: Annotated[
        int, number(BatchRequest, "count", f"Melodies; more than {SHARD_SIZE} are a batch.")
    ] = DEFAULTS.count,
    bars: Annotated[
        int, number(GenerationRequest, "bars", "Bars; the first may be an upbeat.")
    ] = DEFAULTS.bars,
    tempo: Annotated[
        float | None,
        number(
            *(GenerationRequest, "tempo"),
            "Quarter notes per minute; default: the tempos of --primer, or 120.",
        ),
    ] = None,
    time_signature: Annotated[
        Metre | None,
        typer.Option(help="Default: that of the last bar of --primer, or 4/4."),
    ] = None,
    instrument: Annotated[
        int, number(GenerationRequest, "instrument", "General MIDI program, from 0.")
    ] = DEFAULTS.instrument,
    temperature: Annotated[
        float | None,
        number(Sampling, "temperature", f"0 always selects the most likely token. {BY_VERSION}"),
    ] = None,
    top_k: Annotated[int | None, number(Sampling, "top_k", f"0 disables it. {BY_VERSION}")] = None,
    top_p: Annotated[
        float | None, number(Sampling, "top_p", f"1 disables it. {BY_VERSION}")
    ] = None,
    min_p: Annotated[
        float | None, number(Sampling, "min_p", f"0 disables it. {BY_VERSION}")
    ] = None,
    seed: Annotated[
        int | None, number(GenerationRequest, "seed", "Default: drawn by the gateway.")
    ] = None,
    primer: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="MIDI file to continue.")
    ] = None,
    from_bar: Annotated[
        int | None, typer.Option(min=1, help="First bar of --primer to use, counted from 1.")
    ] = None,
    to_bar: Annotated[int | None, typer.Option(min=1, help="Last bar of --primer to use.")] = None,
    track: Annotated[
        int | None,
        typer.Option(min=1, help="Track of --primer, from 1; default: the likely melody."),
    ] = None,
    only_new_bars: Annotated[
        bool, typer.Option("--only-new-bars", help="Save the new bars without --primer.")
    ] = False,
    regenerate: Annotated[
        str | None,
        typer.Option(help="Bars of the file to regenerate, counted from 1, such as 3-4,7."),
    ] = None,
    scale: Annotated[
        str | None, typer.Option(help='Scale that constrains the pitches, such as "D dorian".')
    ] = None,
    chords: Annotated[
        str | None, typer.Option(help='One chord per bar, such as "Am7 Dm G7 C".')
    ] = None,
    strictness: Annotated[
        float,
        number(Chords, "strictness", "Of --scale and --chords: 1 excludes other pitches, 0 none."),
    ] = 1.0,
    out: Out = Path("out"),
) -> None:
    """Generate melodies, show their progress, and save each as MIDI with a piano roll.

    A batch is saved as MIDI only; the same command in the same folder continues it.
    """
    sampling = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p}
    constraints = {
        "scale": parsing.scale(scale, strictness) if scale is not None else None,
        "chords": parsing.chords(chords, strictness) if chords is not None else None,
    }
    regenerated = parsing.bars(regenerate) if regenerate is not None else None
    with client_session() as client:
        is_batch = count > SHARD_SIZE
        known = FolderRecord.read(out) if is_batch else None
        part = PrimerPart(primer, (from_bar or 1) - 1, None if to_bar is None else to_bar - 1)
        uploaded = upload_part(client, part, known.primer if known else None)
        check_part(part, uploaded, regenerated, track, only_new_bars=only_new_bars)
        if uploaded is not None and len(uploaded.tracks) > 1:
            typer.echo(f"{primer}: {describe_tracks(uploaded, track)}", err=True)
        request = parsing.validated(
            GenerationRequest,
            model=model,
            count=1 if is_batch else count,
            bars=bars,
            tempo=tempo,
            time_signature=time_signature,
            instrument=instrument,
            sampling=sampling,
            seed=seed,
            primer_id=uploaded.id if uploaded else None,
            track=None if track is None else track - 1,
            include_primer=not only_new_bars,
            regenerate=regenerated and [bar - part.from_bar for bar in regenerated],
            **constraints,
        )
        if is_batch:
            batch = parsing.validated(BatchRequest, request=request, count=count)
            generate_batch(client, batch, out, primer=uploaded)
        else:
            shown_bars = uploaded.bars if uploaded and not only_new_bars else 0
            _generate(client, request, out, primer_bars=shown_bars)


def reproduce(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", exists=True, dir_okay=False, help="MIDI file of this service."
        ),
    ],
) -> None:
    """Regenerate a MIDI file of the service, and check that the bytes are the same."""
    midi = file.read_bytes()
    with client_session() as client:
        with naming_file(file):
            job = client.reproduce(midi)
        job = client.wait(job.id)
        regenerated = [client.midi(melody.id) for melody in client.melodies(job.id)]
    if regenerated != [midi]:
        reason = "the regenerated bytes differ" if regenerated else status_line(job)
        typer.echo(f"{file}: {reason}", err=True)
        raise typer.Exit(1)
    typer.echo(f"{file}: {job.request.model} regenerated the same bytes.")


def _generate(client: Client, request: GenerationRequest, out: Path, *, primer_bars: int) -> None:
    console = Console()
    with exit_on_write_error(out):
        out.mkdir(parents=True, exist_ok=True)
    requested_at = time.monotonic()
    job = client.generate(request)
    console.print(f"Job {job.id} by {job.request.model}", highlight=False, markup=False)
    try:
        progress = show_progress(client, job, progress_console(), primer_bars=primer_bars)
        job = client.wait(job.id)
    except KeyboardInterrupt:
        _cancel_and_save(client, job, out)
    save_melodies(client, client.melodies(job.id), out, [job.id])
    _print_outcome(console, job, progress, requested_at)


def _print_outcome(
    console: Console, job: GenerationJob, progress: JobProgress, requested_at: float
) -> None:
    if progress.first_note_at is not None:
        console.print(f"First note after {progress.first_note_at - requested_at:.2f} s.")
    if job.state is not JobState.SUCCEEDED:
        typer.echo(status_line(job), err=True)
        raise typer.Exit(1)


def _cancel_and_save(client: Client, job: GenerationJob, out: Path) -> NoReturn:
    """Ctrl-C cancels the job, not only this command; what exists by then is saved."""
    client.cancel(job.id)
    job = client.wait(job.id, seconds=CANCEL_TIMEOUT)
    melodies = list(client.melodies(job.id))
    num_saved = save_melodies(client, melodies, out, [job.id])
    saved = f"{num_saved} of {job.request.count} melodies saved in {out}/"
    if num_partial := sum(melody.partial for melody in melodies):
        saved += f", {num_partial} of them with their first bars only"
    if job.cancel_seconds is not None:
        saved += f"; its engine let go after {job.cancel_seconds:.2f} s"
    typer.echo(f"Job {job.id} is {job.state}; {saved}.", err=True)
    raise typer.Exit(INTERRUPTED)
