"""The commands of the local stack, with and without the servers' distribution."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.unit.ostinato.command_line import ROOT

MAIN = "import os, sys; print(os.getpid(), *sys.argv[1:])"
RUN_ALL = """
import json, os, sys, tempfile
from ostinato.cli.app import app
{setup}
rows = []
for arguments in json.loads(sys.argv[1]):
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        if not (child := os.fork()):
            os.dup2(output.fileno(), 1)
            os.dup2(errors.fileno(), 2)
            app(arguments)
        _, status = os.waitpid(child, 0)
        texts = [file.seek(0) or file.read() for file in (output, errors)]
    rows.append([child, os.waitstatus_to_exitcode(status), *texts])
print(json.dumps(rows))
"""


class Finished(NamedTuple):
    """A command that has ended."""

    pid: int
    status: int
    output: str
    errors: str


def make_deploy(folder: Path, main: str) -> None:
    """A package `deploy.local` with this program."""
    package = folder / "deploy" / "local"
    package.mkdir(parents=True)
    for path in (package.parent, package):
        (path / "__init__.py").touch()
    (package / "__main__.py").write_text(main)


def run_all(commands: Sequence[Sequence[str]], setup: str, cwd: Path, **env: str) -> list[Finished]:
    """Each command in a fork of one process that has imported the client once.

    As for an installed command, the working folder is not in the path of imports.
    """
    process = subprocess.run(
        [sys.executable, "-P", "-c", RUN_ALL.format(setup=setup), json.dumps(commands)],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [Finished(*row) for row in json.loads(process.stdout)]


def test_the_commands_become_the_local_stack(tmp_path: Path) -> None:
    make_deploy(tmp_path / "installed", MAIN)
    commands = [["up"], ["down"], ["down", "--delete"], ["down", "--delete", "--yes"], ["doctor"]]
    commands += [["backup", "file"], ["restore", "file"]]
    path = f"{tmp_path / 'installed'}:{ROOT}"
    all_finished = run_all(commands, "", tmp_path, PYTHONPATH=path)
    for command, finished in zip(commands, all_finished, strict=True):
        assert finished.output.split() == [str(finished.pid), *command]


def test_a_folder_of_the_user_is_not_taken_for_the_servers(tmp_path: Path) -> None:
    make_deploy(tmp_path / "installed", MAIN)
    make_deploy(tmp_path / "project", "raise SystemExit('deploys to production')")
    path = f"{tmp_path / 'installed'}:{ROOT}"
    [doctor] = run_all([["doctor"]], "", tmp_path / "project", PYTHONPATH=path)
    assert (doctor.output.split(), doctor.errors) == ([str(doctor.pid), "doctor"], "")


CLIENT_ALONE = """
import importlib.machinery, pathlib
sys.path = [path for path in sys.path if not pathlib.Path(path, "deploy", "local").is_dir()]
sys.meta_path = [importlib.machinery.BuiltinImporter, importlib.machinery.PathFinder]
"""
"""Only the client is installed, as it seems to the command."""


def test_without_the_servers_the_commands_say_what_to_install(tmp_path: Path) -> None:
    commands = [["up"], ["down"], ["doctor"]]
    for finished in run_all(commands, CLIENT_ALONE, tmp_path, PYTHONPATH=str(ROOT)):
        assert finished.status == 2
        assert "`pip install 'ostinato-server[local]'` installs them" in finished.errors
        assert len(finished.errors.splitlines()) == 1
