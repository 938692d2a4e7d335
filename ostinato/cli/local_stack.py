"""The commands of the local stack, which execute `python -m deploy.local`.

The client does not import the servers: they are another distribution, which may be absent.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, NoReturn

import typer

SERVER_HELP = (
    "The servers are not installed: `pip install 'ostinato-server[local]'` installs them. To use a "
    "gateway that runs elsewhere, set OSTINATO_URL and OSTINATO_API_KEY."
)


def up() -> None:
    """Start a gateway and all it needs on this machine, and run it until Ctrl-C."""
    _execute("up")


def down(
    *,
    delete: Annotated[
        bool, typer.Option("--delete", help="Also delete its data, keys and models.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
) -> None:
    """Stop the stack that `up` started."""
    options = {"--delete": delete, "--yes": yes}
    _execute("down", *(name for name, is_set in options.items() if is_set))


def doctor() -> None:
    """Check this machine's requirements for `up`, and the stack that runs."""
    _execute("doctor")


def backup(file: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write database, uploads and model versions of the running stack to a file."""
    _execute("backup", str(file))


def restore(file: Annotated[Path, typer.Argument(help="The file that `backup` wrote.")]) -> None:
    """Make a stack of a backup, in a new state folder."""
    _execute("restore", str(file))


def _execute(*arguments: str) -> NoReturn:
    """Replace this process, so that signals reach the stack's supervisor directly.

    With -P, a folder `deploy` of the user in the working folder is not taken for the servers.
    """
    if not _is_installed():
        typer.echo(SERVER_HELP, err=True)
        raise typer.Exit(2)
    command = [sys.executable, "-P", "-m", "deploy.local", *arguments]
    os.execv(sys.executable, command)  # noqa: S606 - no shell is the point


def _is_installed() -> bool:
    try:
        return find_spec("deploy.local") is not None
    except ModuleNotFoundError:
        return False
