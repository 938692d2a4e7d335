"""The account that runs PostgreSQL when the supervisor is root."""

import os
import pwd
from pathlib import Path

import pytest

from deploy.local.account import Account
from deploy.local.errors import NoPostgresAccount

as_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can run a process as another user"
)


def test_without_root_the_servers_run_under_the_same_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert Account.for_postgres() is None


def test_for_root_the_servers_run_under_an_existing_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    account = Account.for_postgres()
    assert account is not None
    assert account.uid == pwd.getpwnam(account.name).pw_uid != 0


def test_without_an_account_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwall", list)
    with pytest.raises(NoPostgresAccount, match="start as an ordinary user"):
        Account.for_postgres()


@as_root
@pytest.mark.parametrize("path", ["/usr/bin:/bin", "/nowhere"])
def test_the_account_cannot_access_a_private_folder(
    state_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", path)
    account = Account.for_postgres()
    assert account is not None
    state_path.mkdir()
    private = state_path / "private"
    private.mkdir(mode=0o700)
    assert account.can_access(state_path)
    assert not account.can_access(private)
    account.chown(private)
    assert account.can_access(private)
