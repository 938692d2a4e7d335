"""Fixtures of the client's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ostinato import Client
from tests.unit.ostinato.peer import Peer, running_peer


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
