"""HTTP, server-sent events and WebSocket as a stranger's program would speak them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
from websockets.sync.client import connect

from deploy.local.stack import Stack

Event = dict[str, Any]


def raw_http(stack: Stack, key: str | None = None) -> httpx.Client:
    """A client with the developer's key, or another."""
    bearer = {"Authorization": f"Bearer {key or stack.key_file.read_text()}"}
    return httpx.Client(base_url=stack.url, headers=bearer, trust_env=False, timeout=30)


def new_key(stack: Stack, owner: str) -> str:
    """A key of somebody else, made as an operator makes it."""
    made = run_keys(stack, "create", owner)
    return made.strip()


def run_keys(stack: Stack, *arguments: str) -> str:
    """What `python -m services.gateway.manage_api_keys` prints."""
    ran = subprocess.run(
        [sys.executable, "-m", "services.gateway.manage_api_keys", *arguments],
        env=stack.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


def server_sent(http: httpx.Client, job_id: str, **params: str) -> Iterator[Event]:
    """The events of a job until its end."""
    with http.stream("GET", f"/v1/jobs/{job_id}/events", params=params) as answer:
        answer.raise_for_status()
        for line in answer.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def over_websocket(stack: Stack, job_id: str, query: str) -> list[Event]:
    """All events of a job, over a WebSocket that the gateway closes."""
    url = f"{stack.url.replace('http', 'ws', 1)}/v1/jobs/{job_id}/events?{query}"
    with connect(url, proxy=None) as socket:
        return [json.loads(frame) for frame in socket]


def post_job(http: httpx.Client, **request: object) -> Event:
    """An accepted job."""
    answer = http.post("/v1/generations", json={"model": "mini", **request})
    assert answer.status_code == 202, answer.text
    job: Event = answer.json()
    return job


def melody_of(http: httpx.Client, job_id: str) -> str:
    """The id of a job's first melody, as soon as it is there."""
    for event in server_sent(http, job_id):
        if event["kind"] == "melody":
            return str(event["id"])
    raise AssertionError(f"job {job_id} made none")


def notes_heard(events: list[Event], melody: int) -> list[list[int]]:
    """All notes of one melody that a listener heard, in order."""
    told = [event for event in events if event["kind"] == "notes" and event["melody"] == melody]
    return [note for event in told for note in event["notes"]]
