"""Submits jobs to the gateway and waits for them."""

import json
import time
from typing import Any

from tests.benchmarks.queue.environment import Environment
from tests.benchmarks.queue.http_load import Target

ENDED = {"succeeded", "partial", "failed", "cancelled"}
POLL_SECONDS = 0.05
TIMEOUT_SECONDS = 600


def submit(target: Target, **request: object) -> str:
    """The id of a new job."""
    return str(json.loads(target.send(target.post("/v1/generations", request)))["id"])


def get(target: Target, job_id: str) -> dict[str, Any]:
    """A job as clients see it."""
    job: dict[str, Any] = json.loads(target.send(target.get(f"/v1/jobs/{job_id}")))
    return job


def wait_until_ended(target: Target, job_id: str) -> None:
    """Wait until a job has succeeded."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while (state := get(target, job_id)["state"]) not in ENDED:
        if time.monotonic() > deadline:
            raise RuntimeError(f"job {job_id} is still {state}")
        time.sleep(POLL_SECONDS)
    if state != "succeeded":
        raise RuntimeError(f"job {job_id} has {state}")


def post_batch(target: Target, lines: list[dict[str, object]]) -> str:
    """The id of a new batch of these lines."""
    content = "\n".join(map(json.dumps, lines)).encode()
    request = target.request("POST", "/v1/batches", "application/x-ndjson", content)
    return str(json.loads(target.send(request))["id"])


def wait_until_stored(environment: Environment, melodies: int) -> None:
    """Wait until so many melodies are committed."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while (found := environment.scalar("SELECT count(*) FROM melodies")) < melodies:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{found:,} of {melodies:,} melodies are finished")
        time.sleep(0.5)
