"""Checks that this machine has what the embedded stack needs; starts nothing."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.local import binaries
from deploy.local.account import Account
from deploy.local.errors import StackError
from deploy.local.settings import LocalSettings
from deploy.local.state_dir import StateDir

Check = Callable[[LocalSettings], str]


def check_environment(settings: LocalSettings, console: Console) -> int:
    """Print a table of the checks; the exit code is 1 if any of them fails."""
    table = Table("", "check", "result")
    exit_code = 0
    for name, check in CHECKS.items():
        try:
            result, mark = check(settings), "[green]ok[/]"
        except (StackError, OSError, subprocess.SubprocessError) as error:
            result, mark = str(error), "[red]failed[/]"
            exit_code = 1
        table.add_row(mark, name, result)
    console.print(table)
    return exit_code


def _postgres(_settings: LocalSettings) -> str:
    account = Account.for_postgres()
    return _version(binaries.postgres(account) / "postgres", account)


def _valkey(_settings: LocalSettings) -> str:
    return _version(binaries.valkey(), None)


def _version(binary: Path, account: Account | None) -> str:
    """The version that the binary reports, run under the account that the stack would use."""
    completed = subprocess.run(  # noqa: S603 -- our own binary
        [str(binary), "--version"],
        user=account.uid if account else None,
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    )
    return completed.stdout.strip()


def _account(_settings: LocalSettings) -> str:
    account = Account.for_postgres()
    return f"as root, PostgreSQL runs as {account.name}" if account else "not root"


def _state_dir(settings: LocalSettings) -> str:
    state_dir = StateDir(settings.state_dir)
    (state_dir.path / "lock").touch()
    return f"{state_dir.path} is writable"


def _stack(settings: LocalSettings) -> str:
    state_dir = StateDir(settings.state_dir)
    if not state_dir.is_locked():
        return "not running"
    return f"running at {(state_dir.path / 'url').read_text()}"


def _checkpoints(settings: LocalSettings) -> str:
    versions = sorted(card.parent.name for card in settings.checkpoints_dir.glob("*/card.json"))
    if not versions:
        raise StackError(f"no model version in {settings.checkpoints_dir.absolute()}")
    return ", ".join(versions)


CHECKS: dict[str, Check] = {
    "PostgreSQL": _postgres,
    "Valkey": _valkey,
    "account": _account,
    "state folder": _state_dir,
    "models": _checkpoints,
    "stack": _stack,
}
