"""Records claimed shards as metrics and traces; measures the device's memory."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from services.worker.shard_run import ShardRun
from shared.db.generation_shards import ClaimedShard
from shared.db.job_queue.results import ShardResults
from shared.metrics.instruments import (
    COMMIT_LAG_SECONDS,
    COMMITTED_ITEMS,
    DEVICE_MEMORY_BYTES,
    FIRST_NOTE_SECONDS,
    QUEUE_WAIT_SECONDS,
)
from shared.tracing import JobTracer, Phase

RESIDENT_PAGES = Path("/proc/self/statm")
"""Sizes of this process in pages; the second one is what it occupies (proc(5))."""


def record_claims(queue: str, shards: Sequence[ClaimedShard]) -> None:
    """Record how long shards waited, unless they were claimed before."""
    for shard in shards:
        if shard.attempt == 1:
            QUEUE_WAIT_SECONDS.labels(queue, shard.model).observe(shard.job_age)


def record_first_note(run: ShardRun) -> None:
    """Record the time until the first notes of an interactive job, which were published now."""
    if run.take_first_note():
        FIRST_NOTE_SECONDS.labels(run.shard.model).observe(run.seconds_since_submission)


def record_commit(run: ShardRun, results: ShardResults) -> None:
    """Record results that are committed."""
    if run.shard.is_interactive and results.melodies:  # their notes are published with them
        record_first_note(run)
    now = time.monotonic()
    for melody in results.melodies:
        COMMIT_LAG_SECONDS.observe(now - run.builders[melody.index].finished_at)
    for result, count in (
        ("succeeded", len(results.melodies)),
        ("failed", len(results.errors)),
        ("cancelled", results.num_cancelled),
    ):
        COMMITTED_ITEMS.labels(run.shard.model, result).inc(count)


def record_trace(tracer: JobTracer, run: ShardRun) -> None:
    """Record the phases of a shard, which has been committed now."""
    generated_at = max(
        (builder.finished_at for builder in run.builders.values()), default=run.started_at
    )
    tracer.record(
        "shard",
        run.shard.traceparent,
        started_at=run.started_at - run.shard.job_age,
        phases=[
            Phase("queue", run.started_at),
            Phase("generate", generated_at),
            Phase("commit", time.monotonic()),
        ],
        attributes={
            "ostinato.job": str(run.shard.job_id),
            "ostinato.shard": str(run.shard.shard_id),
            "ostinato.model": run.shard.model,
            "ostinato.attempt": run.shard.attempt,
            "ostinato.melodies": len(run.builders),
            "ostinato.tokens": sum(builder.num_tokens for builder in run.builders.values()),
        },
    )


def measure_memory(device: torch.device) -> None:
    """Set the gauges of the memory: of the GPU, or of this process in the machine's."""
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        used = total - free
    else:
        page = os.sysconf("SC_PAGE_SIZE")
        used = int(RESIDENT_PAGES.read_text().split()[1]) * page
        total = os.sysconf("SC_PHYS_PAGES") * page
    for kind, value in (("used", used), ("total", total)):
        DEVICE_MEMORY_BYTES.labels(str(device), kind).set(value)
