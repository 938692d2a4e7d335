"""Fixtures of the client's unit tests, for tests of the command in a process of its own."""

from tests.unit.ostinato.conftest import (
    cli_server,
    client,
    generation_server,
    server,
    shared_server,
)

__all__ = ["cli_server", "client", "generation_server", "server", "shared_server"]
