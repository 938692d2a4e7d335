"""Fixtures of the client's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ostinato import Client
from ostinato.schemas.jobs import JobState
from tests.unit.ostinato.peer import Peer, running_peer
from tests.unit.ostinato.samples import (
    JOB_ID,
    MELODY_ID,
    a_job,
    a_melody,
    a_model,
    a_summary,
    committed,
    moved,
    page,
    sse,
    wrote,
)


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running_peer() as peer:
        yield peer


@pytest.fixture
def client(peer: Peer) -> Iterator[Client]:
    with Client(peer.url, "a-key", patience=5.0) as client:
        yield client


@pytest.fixture
def at_peer(peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Peer:
    """The command, run in an empty folder, finds the peer where the settings say."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OSTINATO_URL", peer.url)
    monkeypatch.setenv("OSTINATO_API_KEY", "a-key")
    return peer


@pytest.fixture
def studio(at_peer: Peer) -> Peer:
    """A peer that plays one job of one melody from request to MIDI."""
    at_peer.will_say("/v1/models", page(a_model("v7"), a_model("v8")))
    at_peer.will_say("/v1/generations", a_job(JobState.QUEUED).model_dump_json())
    heard = sse(wrote(1, bars=1), committed(2), moved(3, JobState.SUCCEEDED))
    at_peer.will_say(f"/v1/jobs/{JOB_ID}/events", heard)
    at_peer.will_say(f"/v1/jobs/{JOB_ID}", a_job(JobState.SUCCEEDED, succeeded=1).model_dump_json())
    at_peer.will_say(f"/v1/jobs/{JOB_ID}/melodies", page(a_summary()))
    at_peer.will_say(f"/v1/melodies/{MELODY_ID}", a_melody().model_dump_json())
    at_peer.will_say(f"/v1/melodies/{MELODY_ID}.mid", b"MThd")
    return at_peer
