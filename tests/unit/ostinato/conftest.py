"""Fixtures of the client's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ostinato import Client
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.payloads import (
    JOB_ID,
    MELODY_ID,
    a_job,
    a_melody,
    a_model,
    a_summary,
    job_event,
    melody_event,
    notes_event,
    page,
    sse,
)
from tests.unit.ostinato.scripted_server import ScriptedServer, running_server


@pytest.fixture(scope="session")
def shared_server() -> Iterator[ScriptedServer]:
    """One server for all tests, because it takes a while to stop."""
    with running_server() as server:
        yield server


@pytest.fixture
def server(shared_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> ScriptedServer:
    """A server without responses; a client in this process polls and retries quickly."""
    monkeypatch.setattr("ostinato.base_client.POLL_SECONDS", 0.01)
    monkeypatch.setattr("ostinato.retry.FIRST_DELAY", 0.01)
    shared_server.reset()
    return shared_server


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[Client]:
    with Client(server.url, "a-key", outage_timeout=5.0) as client:
        yield client


@pytest.fixture
def cli_server(
    server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ScriptedServer:
    """The server that the command uses: its settings name it, and it runs in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OSTINATO_URL", server.url)
    monkeypatch.setenv("OSTINATO_API_KEY", "a-key")
    return server


@pytest.fixture
def generation_server(cli_server: ScriptedServer) -> ScriptedServer:
    """A server with all responses for a job of one melody, from the request to the MIDI file."""
    cli_server.script("/v1/models", page(a_model("v7"), a_model("v8")))
    cli_server.script("/v1/generations", a_job(JobState.QUEUED).model_dump_json())
    events = sse(notes_event(1, bars=1), melody_event(2), job_event(3, JobState.SUCCEEDED))
    cli_server.script(f"/v1/jobs/{JOB_ID}/events", events)
    finished = a_job(JobState.SUCCEEDED, succeeded=1)
    cli_server.script(f"/v1/jobs/{JOB_ID}", finished.model_dump_json())
    cli_server.script(f"/v1/jobs/{JOB_ID}/melodies", page(a_summary()))
    cli_server.script(f"/v1/melodies/{MELODY_ID}", a_melody().model_dump_json())
    cli_server.script(f"/v1/melodies/{MELODY_ID}.mid", b"MThd")
    return cli_server
