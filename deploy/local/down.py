"""`down`: stops the stack of the state folder; can delete the folder."""

import os
import signal
import sys
import time

from rich.console import Console

from deploy.local.deletion import Deletion
from deploy.local.errors import NotDeleted, StackError
from deploy.local.machine import processes
from deploy.local.settings import LocalSettings
from deploy.local.state_dir import StateDir

STOP_TIMEOUT = 30.0
"""Seconds until all programs have exited; a supervisor kills those that need longer than ten."""


def down(
    settings: LocalSettings, console: Console, *, delete: bool = False, yes: bool = False
) -> int:
    """Stop the stack, from another terminal; without a stack say so."""
    state_dir = StateDir(settings.state_dir)
    if not delete:
        console.print(stop(state_dir), soft_wrap=True, highlight=False, markup=False)
        return 0
    deletion = Deletion.of(state_dir)
    for line in deletion.summary():
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    if not yes:
        _confirm(console)
    console.print(stop(state_dir), soft_wrap=True, highlight=False, markup=False)
    for line in deletion.execute():
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    return 0


def stop(state_dir: StateDir) -> str:
    """Stop the stack of a folder and wait for its last program; returns a sentence about it.

    Raises:
        StackError: it belongs to another user, or it does not stop.
    """
    if not state_dir.is_locked():
        return f"No stack is running in {state_dir.path} (OSTINATO_STATE_DIR)."
    supervisor = state_dir.supervisor()
    programs: list[str] = []
    started = time.monotonic()
    if supervisor is not None:
        programs = sorted(map(processes.program_name, processes.children(supervisor)))
        _terminate(supervisor)
    while state_dir.is_locked() or (supervisor and processes.is_running(supervisor)):
        if time.monotonic() - started > STOP_TIMEOUT:
            raise StackError(
                f"The stack in {state_dir.path} is still running after {STOP_TIMEOUT:.0f} s: see "
                f"{state_dir.path / 'log'}; `kill -9 {supervisor}` ends it and its programs."
            )
        time.sleep(0.1)
    seconds = time.monotonic() - started
    names = f": {', '.join(programs)}" if programs else ""
    return f"Stopped the stack in {state_dir.path} after {seconds:.1f} s{names}."


def _terminate(supervisor: int) -> None:
    try:
        os.kill(supervisor, signal.SIGTERM)
    except PermissionError as error:
        owner = processes.owner(processes.PROC / str(supervisor))
        raise StackError(
            f"The stack was started by {owner} (process {supervisor}): stop it as that user."
        ) from error
    except ProcessLookupError:
        return


def _confirm(console: Console) -> None:
    """Ask on a terminal; a script has to say --yes."""
    if not sys.stdin.isatty():
        raise NotDeleted("Nothing was deleted: without a terminal, add --yes.")
    if console.input("Delete all of this? [y/N] ", markup=False).strip().lower() not in {
        "y",
        "yes",
    }:
        raise NotDeleted("Nothing was deleted.")
