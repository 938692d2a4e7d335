"""Fixtures of the client's tests."""

from collections.abc import Iterator

import pytest

from tests.unit.ostinato.peer import Peer, running_peer


@pytest.fixture
def peer() -> Iterator[Peer]:
    with running_peer() as peer:
        yield peer
