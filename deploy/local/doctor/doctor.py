"""Runs all checks and prints a table of them; starts nothing."""

import asyncio
import subprocess
from collections.abc import Callable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.diagnosis.diagnosis import diagnose
from deploy.diagnosis.finding import Finding, Level, failed
from deploy.local.doctor import folders, hardware, programs
from deploy.local.doctor.running import settings_of
from deploy.local.errors import StackError, explain
from deploy.local.settings import LocalSettings
from deploy.local.state_dir import StateDir

Check = Callable[[LocalSettings], Finding]

CHECKS: dict[str, Check] = {
    "Python": programs.python,
    "PostgreSQL": programs.postgres,
    "Valkey": programs.valkey,
    "native code": programs.native_code,
    "studio": programs.studio,
    "make": programs.make,
    "disk": hardware.disk_space,
    "memory": hardware.memory,
    "open files": hardware.open_files,
    "state folder": folders.state_folder,
    "models": folders.models,
    "port": folders.port,
    "stack": folders.stack,
}
STYLES = {Level.OK: "green", Level.WARNING: "yellow", Level.FAILED: "red"}


def check_environment(settings: LocalSettings, console: Console) -> int:
    """Print a table of the checks; the exit code is 1 if one failed.

    A stack that runs is checked as well: its servers, its processes and its models.
    """
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    findings = [
        *((name, _run(check, settings)) for name, check in CHECKS.items()),
        *_running_stack(settings),
    ]
    for name, finding in findings:
        style = STYLES[finding.level]
        table.add_row(Text(finding.level, style), Text(name), Text(finding.text))
    console.print(table)
    return int(any(finding.level is Level.FAILED for _, finding in findings))


def _running_stack(settings: LocalSettings) -> list[tuple[str, Finding]]:
    """What is wrong with the stack that runs in the state folder; empty if none does."""
    state_dir = StateDir(settings.state_dir)
    try:
        if not state_dir.is_locked():
            return []
        return asyncio.run(diagnose(settings_of(state_dir)))
    except OSError as error:
        return [("services", failed(f"{error.filename} cannot be read: {error.strerror}"))]
    except StackError:  # the check of the folder has the reason
        return []


def _run(check: Check, settings: LocalSettings) -> Finding:
    try:
        return check(settings)
    except OSError as error:
        return failed(explain(error, settings.state_dir.absolute()) or str(error))
    except (StackError, subprocess.SubprocessError) as error:
        return failed(str(error))
