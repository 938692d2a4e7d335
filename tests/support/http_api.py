"""The gateway's HTTP, server-sent-events and WebSocket API, without the client."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
from websockets.sync.client import connect

from deploy.local.stack import Stack

Event = dict[str, Any]


def http_client(stack: Stack, key: str | None = None) -> httpx.Client:
    """An HTTP client with the given API key, by default the development key."""
    bearer = {"Authorization": f"Bearer {key or stack.key_file.read_text()}"}
    return httpx.Client(base_url=stack.url, headers=bearer, trust_env=False, timeout=30)


def create_api_key(stack: Stack, owner: str) -> str:
    """A new key of another owner, created by the operator's command."""
    return run_key_command(stack, "create", owner).strip()


def run_key_command(stack: Stack, *arguments: str) -> str:
    """The output of `python -m services.gateway.keys.manage_api_keys`."""
    completed = subprocess.run(
        [sys.executable, "-m", "services.gateway.keys.manage_api_keys", *arguments],
        env=stack.env(),
        capture_output=True,
        text=True,
        check=True,
    )
    return completed.stdout


def sse_events(http: httpx.Client, job_id: str, **params: str) -> Iterator[Event]:
    """The events of a job until its end, over server-sent events."""
    with http.stream("GET", f"/v1/jobs/{job_id}/events", params=params) as response:
        response.raise_for_status()
        for line in response.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def create_ticket(http: httpx.Client, job_id: str) -> str:
    """A ticket for one event stream of the job."""
    response = http.post("/v1/tickets", params={"job_id": job_id})
    assert response.status_code == 201
    return str(response.json()["ticket"])


def websocket_events(stack: Stack, job_id: str, query: str) -> list[Event]:
    """All events of a job, over a WebSocket that the gateway closes at its end."""
    url = f"{stack.url.replace('http', 'ws', 1)}/v1/jobs/{job_id}/events?{query}"
    with connect(url, proxy=None) as socket:
        return [json.loads(frame) for frame in socket]


def post_generation(http: httpx.Client, **request: object) -> Event:
    """The accepted job of a generation request."""
    response = http.post("/v1/generations", json={"model": "mini", **request})
    assert response.status_code == 202, response.text
    job: Event = response.json()
    return job


def first_melody_id(http: httpx.Client, job_id: str) -> str:
    """The id of a job's first melody, as soon as it is committed."""
    for event in sse_events(http, job_id):
        if event["kind"] == "melody":
            return str(event["id"])
    raise AssertionError(f"job {job_id} ended without a melody")


def notes_of(events: list[Event], melody: int) -> list[list[int]]:
    """All notes of one melody in these events, in order."""
    return [
        note
        for event in events
        if event["kind"] == "notes" and event["melody"] == melody
        for note in event["notes"]
    ]
