"""Root does not run PostgreSQL: an account that exists already does."""

import os
import pwd
from pathlib import Path

import pytest

from deploy.local.account import Account
from deploy.local.errors import NoAccount

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def test_whoever_is_not_root_runs_the_servers_himself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert Account.for_servers() is None


def test_for_root_it_is_an_account_that_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    account = Account.for_servers()
    assert account is not None
    assert account.uid == pwd.getpwnam(account.name).pw_uid != 0


def test_without_any_account_root_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwall", list)
    with pytest.raises(NoAccount, match="start as an ordinary user"):
        Account.for_servers()


@as_root
def test_a_private_folder_is_out_of_its_reach(tmp_path: Path, var: Path) -> None:
    account = Account.for_servers()
    assert account is not None
    var.mkdir()
    private = var / "private"
    private.mkdir(mode=0o700)
    assert account.can_reach(var)
    assert not account.can_reach(private)
    account.own(private)
    assert account.can_reach(private)
