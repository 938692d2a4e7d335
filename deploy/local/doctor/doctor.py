"""Runs all checks and prints a table of them; starts nothing."""

import subprocess
from collections.abc import Callable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.local.doctor import folders, hardware, programs
from deploy.local.doctor.finding import Finding, Level, failed
from deploy.local.errors import StackError, explain
from deploy.local.settings import LocalSettings

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
    """Print a table of the checks; the exit code is 1 if the stack would not start."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    findings = []
    for name, check in CHECKS.items():
        finding = _run(check, settings)
        findings.append(finding)
        style = STYLES[finding.level]
        table.add_row(Text(finding.level, style), Text(name), Text(finding.text))
    console.print(table)
    return int(any(finding.level is Level.FAILED for finding in findings))


def _run(check: Check, settings: LocalSettings) -> Finding:
    try:
        return check(settings)
    except OSError as error:
        return failed(explain(error, settings.state_dir.absolute()) or str(error))
    except (StackError, subprocess.SubprocessError) as error:
        return failed(str(error))
