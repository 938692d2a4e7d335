"""`python -m services.gateway.keys.manage_api_keys` on a real PostgreSQL."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from deploy.local.stack import Stack
from services.gateway.keys.manage_api_keys import app
from shared.db.api_keys import VISIBLE_LENGTH

Run = Callable[..., list[str]]


@pytest.fixture
def run(backends: Stack, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command, which has to succeed; returns the lines that it prints."""
    monkeypatch.setenv("OSTINATO_ENVIRONMENT", "development")
    monkeypatch.setenv("OSTINATO_DATABASE_URL", backends.database_url)
    monkeypatch.setenv("OSTINATO_REDIS_URL", backends.redis_url)

    def run(*arguments: str) -> list[str]:
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, result.output
        return result.stdout.splitlines()

    return run


def listed(run: Run, owner: str) -> list[list[str]]:
    """Prefix, owner, name, scopes, creation, expiry and last use of the owner's keys."""
    header, *rows = (line.split("\t") for line in run("list"))
    assert len(header) == len(rows[0])
    return [row for row in rows if row[1] == owner]


def test_a_key_has_the_default_scopes_or_the_given_ones(run: Run) -> None:
    owner = uuid4().hex
    run("create", owner)
    run("create", owner, "--scope", "generate", "--name", "ci", "--expires-in-days", "1")
    run("create", owner, "--scope", "admin", "--scope", "train")
    first, second, third = listed(run, owner)
    assert [first[3], second[3], third[3]] == ["generate,train", "generate", "train,admin"]
    assert (first[2], second[2]) == ("", "ci")
    assert (first[5], first[6], second[5] == "never") == ("never", "never", False)


def test_a_key_is_rotated_and_revoked(run: Run) -> None:
    owner = uuid4().hex
    [old] = run("create", owner)
    [new] = run("rotate", old[:VISIBLE_LENGTH], "--grace-hours", "1")
    assert {row[0]: row[5] == "never" for row in listed(run, owner)} == {
        old[:VISIBLE_LENGTH]: False,
        new[:VISIBLE_LENGTH]: True,
    }
    run("revoke", old[:VISIBLE_LENGTH])
    assert [row[0] for row in listed(run, owner)] == [new[:VISIBLE_LENGTH]]
