"""Looks at what the stack needs on this machine and says what is missing.

Refuses to mend anything.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.local import binaries
from deploy.local.account import Account
from deploy.local.errors import StackError
from deploy.local.settings import LocalSettings
from deploy.local.state_dir import Folder

Check = Callable[[LocalSettings], str]


def examine(settings: LocalSettings, console: Console) -> int:
    """A table of what was looked at; 1 if anything is amiss."""
    table = Table("", "what", "found")
    amiss = 0
    for name, check in CHECKS.items():
        try:
            found, mark = check(settings), "[green]ok[/]"
        except (StackError, OSError, subprocess.SubprocessError) as error:
            found, mark = str(error), "[red]no[/]"
            amiss = 1
        table.add_row(mark, name, found)
    console.print(table)
    return amiss


def _postgres(_settings: LocalSettings) -> str:
    account = Account.for_servers()
    return _version(binaries.postgres(account) / "postgres", account)


def _valkey(_settings: LocalSettings) -> str:
    return _version(binaries.valkey(), None)


def _version(binary: Path, account: Account | None) -> str:
    """What the binary says of itself, run by whoever will run it."""
    asked = subprocess.run(  # noqa: S603 -- our own binary
        [str(binary), "--version"],
        user=account.uid if account else None,
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    )
    return asked.stdout.strip()


def _account(_settings: LocalSettings) -> str:
    account = Account.for_servers()
    return f"as root, PostgreSQL runs as {account.name}" if account else "not root"


def _folder(settings: LocalSettings) -> str:
    folder = Folder(settings.var)
    (folder.path / "lock").touch()
    return f"{folder.path} can be written"


def _stack(settings: LocalSettings) -> str:
    folder = Folder(settings.var)
    return f"runs at {(folder.path / 'url').read_text()}" if folder.is_taken() else "does not run"


def _checkpoints(settings: LocalSettings) -> str:
    versions = sorted(card.parent.name for card in settings.checkpoints.glob("*/card.json"))
    if not versions:
        raise StackError(f"no model version in {settings.checkpoints.absolute()}")
    return ", ".join(versions)


CHECKS: dict[str, Check] = {
    "PostgreSQL": _postgres,
    "Valkey": _valkey,
    "account": _account,
    "folder": _folder,
    "models": _checkpoints,
    "stack": _stack,
}
