"""`python -m tests.benchmarks.mixed`: 256 mixed requests through the queue, all at once.

The requests cover every model version, lengths from 1 to 16 bars and both priorities; one in ten is
cancelled. Every other job must have all its melodies with the requested length, and a tenth of the
melodies is reproduced and must have the same bytes. Prints latencies and batch sizes, writes
docs/mixed.json, and exits with 1 if anything is wrong.
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
from ostinato.schemas.jobs import GenerationJob, JobState
from ostinato.schemas.notes import TICKS_PER_BAR
from tests.benchmarks.machine import Machine
from tests.benchmarks.stack import running_stack
from tests.conftest import client_of
from tests.support.midi import read_midi
from tests.support.workers import live_workers

REQUESTS, CANCEL_EVERY, REPRODUCE_EVERY = 256, 10, 10
OUT = Path("docs/mixed.json")
console = Console(stderr=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A finished job and whether it was cancelled."""

    job: GenerationJob
    was_cancelled: bool

    @property
    def seconds(self) -> float:
        """Seconds from the submission of the job to its end."""
        assert self.job.finished_at is not None
        return (self.job.finished_at - self.job.created_at).total_seconds()


def main() -> None:
    """Run the benchmark and write the result."""
    with running_stack(all_versions=True) as stack, client_of(stack) as client:
        start = time.perf_counter()
        outcomes = submit_all(client)
        seconds = time.perf_counter() - start
        stats = engine_stats(stack, outcomes)
        errors = list(find_errors(client, outcomes))
    completed = [outcome for outcome in outcomes if not outcome.was_cancelled]
    p50, p95 = np.percentile([outcome.seconds for outcome in completed], (50, 95))
    result = {
        "machine": str(Machine.here()),
        "requests": len(outcomes),
        "cancelled": len(outcomes) - len(completed),
        "errors": len(errors),
        "seconds": round(seconds, 1),
        "latency_p50_seconds": round(float(p50), 2),
        "latency_p95_seconds": round(float(p95), 2),
        "tokens_per_second": round(stats["tokens"] / seconds),
        "mean_batch_size": round(stats["tokens"] / stats["steps"], 1),
        "peak_batch_size": stats["peak_batch_size"],
        "peak_jobs_per_batch": stats["peak_jobs_per_batch"],
    }
    console.print(*errors[:10], result, sep="\n")
    OUT.write_text(json.dumps(result, indent=2) + "\n")
    raise typer.Exit(bool(errors))


def submit_all(client: Client) -> list[Outcome]:
    """Submit all requests, cancel some jobs, and wait for the others."""
    rng = random.Random(7)  # noqa: S311 - no secret
    versions = [model.version for model in client.models()]
    with ThreadPoolExecutor(16) as pool:
        jobs = list(pool.map(client.generate, requests(rng, versions)))
        chosen = [job.id for job in rng.sample(jobs, REQUESTS // CANCEL_EVERY)]
        successes = pool.map(partial(cancel, client), chosen)
        cancelled = {job for job, success in zip(chosen, successes, strict=True) if success}
    console.print(f"{len(jobs)} jobs of {', '.join(versions)}")
    finished = [client.wait(job.id) for job in track(jobs, "waiting", console=console)]
    return [Outcome(job=job, was_cancelled=job.id in cancelled) for job in finished]


def cancel(client: Client, job: UUID) -> bool:
    """Cancel a job; False if it had already ended."""
    try:
        client.cancel(job)
    except ApiError as error:
        if error.status != HTTPStatus.CONFLICT:
            raise
        return False
    return True


def requests(rng: random.Random, versions: list[str]) -> Iterator[GenerationRequest]:
    """Requests of different versions, lengths, seeds and priorities."""
    for seed in range(REQUESTS):
        yield GenerationRequest(
            model=rng.choice(versions),
            count=rng.choice((1, 1, 1, 2, 4)),
            bars=rng.choice((1, 2, 4, 8, 16)),
            seed=1000 * seed,
            priority=rng.choice((Priority.INTERACTIVE, Priority.BATCH)),
        )


def find_errors(client: Client, outcomes: list[Outcome]) -> Iterator[str]:
    """A sentence for each error in any job."""
    for number, outcome in enumerate(track(outcomes, "checking", console=console)):
        job = outcome.job
        if outcome.was_cancelled:
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
            if number % REPRODUCE_EVERY == 0 and reproduce(client, midi) != [midi]:
                yield f"{job.id}: melody {melody.index} has other bytes when reproduced"


def reproduce(client: Client, midi: bytes) -> list[bytes]:
    """Reproduce a MIDI file, and return the files of the new job."""
    job = client.wait(client.reproduce(midi).id)
    return [client.midi(melody.id) for melody in client.melodies(job.id)]


def engine_stats(stack: Stack, outcomes: list[Outcome]) -> dict[str, int]:
    """The engine statistics of the worker, once they include all finished melodies."""
    succeeded = sum(outcome.job.succeeded for outcome in outcomes)
    while (stats := live_workers(stack)[0].engine_stats)["finished"] < succeeded:
        pass
    return stats


if __name__ == "__main__":
    typer.run(main)
