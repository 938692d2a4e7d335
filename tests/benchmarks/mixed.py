"""`python -m tests.benchmarks.mixed`: 256 unlike requests through the real queue, all at once.

Every version that there is, lengths from one bar to sixteen, both priorities, one in ten cancelled
while it waits or runs. Every survivor has to be whole and as asked, and a tenth of them is made
once more, alone, and has to come out the same to the byte. Prints latencies and how full the
batches were, and exits 1 if anything is wrong; writes docs/mixed.json.
"""

import json
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from deploy.local.stack import Stack
from ostinato.client import Client
from ostinato.errors import ApiError
from ostinato.schemas.generations import GenerationRequest, Priority
from ostinato.schemas.jobs import Job, JobState
from ostinato.schemas.notes import TICKS_PER_BAR
from tests.benchmarks.stack import running_stack
from tests.benchmarks.machine import Machine
from tests.conftest import client_of
from tests.support.workers import live_workers
from tests.support.midi import read_midi

REQUESTS, CANCELLED, MADE_AGAIN = 256, 10, 10
"""How many; one in so many is cancelled; of the others one in so many is made again."""
OUT = Path("docs/mixed.json")
console = Console(stderr=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one request."""

    job: Job
    doomed: bool

    @property
    def seconds(self) -> float:
        """From its acceptance to its end."""
        assert self.job.finished_at is not None
        return (self.job.finished_at - self.job.created_at).total_seconds()


def main() -> None:
    """Start everything, ask, look, and write."""
    with running_stack(whole=True) as stack, client_of(stack) as client:
        begun = time.perf_counter()
        outcomes = ask(client)
        seconds = time.perf_counter() - begun
        fill = engine(stack, outcomes)
        wrong = list(complaints(client, outcomes))
    survivors = [outcome for outcome in outcomes if not outcome.doomed]
    p50, p95 = np.percentile([outcome.seconds for outcome in survivors], (50, 95))
    found = {
        "machine": str(Machine.here()),
        "requests": len(outcomes),
        "cancelled": len(outcomes) - len(survivors),
        "wrong": len(wrong),
        "seconds": round(seconds, 1),
        "latency_p50_seconds": round(float(p50), 2),
        "latency_p95_seconds": round(float(p95), 2),
        "tokens_per_second": round(fill["tokens"] / seconds),
        "mean_rows_of_a_step": round(fill["tokens"] / fill["steps"], 1),
        "most_rows_of_a_step": fill["peak_batch_size"],
        "most_jobs_in_a_step": fill["peak_jobs_per_batch"],
    }
    console.print(*wrong[:10], found, sep="\n")
    OUT.write_text(json.dumps(found, indent=2) + "\n")
    raise typer.Exit(bool(wrong))


def ask(client: Client) -> list[Outcome]:
    """Post everything, cancel some of it, and wait for the rest."""
    rng = random.Random(7)  # noqa: S311 - a load, no secret
    versions = [model.version for model in client.models()]
    with ThreadPoolExecutor(16) as pool:
        jobs = list(pool.map(client.generate, requests(rng, versions)))
        chosen = [job.id for job in rng.sample(jobs, REQUESTS // CANCELLED)]
        in_time = pool.map(partial(cancel, client), chosen)
        doomed = {job for job, was_in_time in zip(chosen, in_time, strict=True) if was_in_time}
    console.print(f"{len(jobs)} accepted, of {', '.join(versions)}")
    ended = [client.wait(job.id) for job in track(jobs, "waiting", console=console)]
    return [Outcome(job=job, doomed=job.id in doomed) for job in ended]


def cancel(client: Client, job: UUID) -> bool:
    """Whether it came in time: a job that has ended already is a survivor like the others."""
    try:
        client.cancel(job)
    except ApiError as error:
        if error.status != HTTPStatus.CONFLICT:
            raise
        return False
    return True


def requests(rng: random.Random, versions: list[str]) -> Iterator[GenerationRequest]:
    """No two alike."""
    for seed in range(REQUESTS):
        yield GenerationRequest(
            model=rng.choice(versions),
            count=rng.choice((1, 1, 1, 2, 4)),
            bars=rng.choice((1, 2, 4, 8, 16)),
            seed=1000 * seed,
            priority=rng.choice((Priority.INTERACTIVE, Priority.BATCH)),
        )


def complaints(client: Client, outcomes: list[Outcome]) -> Iterator[str]:
    """What is wrong with any of them."""
    for number, outcome in enumerate(track(outcomes, "looking", console=console)):
        job = outcome.job
        if outcome.doomed:
            if job.state not in (JobState.CANCELLED, JobState.SUCCEEDED):
                yield f"{job.id}: {job.state}, although it was cancelled"
            continue
        melodies = list(client.melodies(job.id))
        if job.state is not JobState.SUCCEEDED or len(melodies) != job.request.count:
            yield f"{job.id}: {job.state}, {len(melodies)} of {job.request.count} melodies"
        for melody in melodies:
            midi = client.midi(melody.id)
            end = max((note.start + note.duration for note in read_midi(midi)), default=0)
            if melody.bars != job.request.bars or end > job.request.bars * TICKS_PER_BAR:
                yield f"{job.id}: a melody of {melody.bars} bars, not {job.request.bars}"
            if number % MADE_AGAIN == 0 and made_again(client, midi) != [midi]:
                yield f"{job.id}: melody {melody.index} came out otherwise when made again"


def made_again(client: Client, midi: bytes) -> list[bytes]:
    """The files of the job that makes it once more."""
    job = client.wait(client.reproduce(midi).id)
    return [client.midi(melody.id) for melody in client.melodies(job.id)]


def engine(stack: Stack, outcomes: list[Outcome]) -> dict[str, int]:
    """What the worker's engine has done, once a heartbeat says so of everything that came whole."""
    made = sum(outcome.job.succeeded for outcome in outcomes)
    while (figures := live_workers(stack)[0].engine_stats)["finished"] < made:
        pass
    return figures


if __name__ == "__main__":
    typer.run(main)
