"""`ostinato up`, `down` and `doctor`, with and without the servers' distribution."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.ostinato.command_line import ROOT, start

MAIN = "import os, sys; print(os.getpid(), *sys.argv[1:])"


def make_deploy(folder: Path, main: str) -> None:
    """A package `deploy.local` with this program."""
    package = folder / "deploy" / "local"
    package.mkdir(parents=True)
    for path in (package.parent, package):
        (path / "__init__.py").touch()
    (package / "__main__.py").write_text(main)


@pytest.mark.parametrize(
    "arguments",
    [["up"], ["down"], ["down", "--delete"], ["down", "--delete", "--yes"], ["doctor"]],
    ids=" ".join,
)
def test_the_commands_become_the_local_stack(tmp_path: Path, arguments: list[str]) -> None:
    make_deploy(tmp_path / "installed", MAIN)
    path = f"{tmp_path / 'installed'}:{ROOT}"
    process = start(*arguments, cwd=tmp_path, PYTHONPATH=path)
    output, _ = process.communicate(timeout=30)
    assert output.split() == [str(process.pid), *arguments]


def test_a_folder_of_the_user_is_not_taken_for_the_servers(tmp_path: Path) -> None:
    make_deploy(tmp_path / "installed", MAIN)
    make_deploy(tmp_path / "project", "raise SystemExit('deploys to production')")
    path = f"{tmp_path / 'installed'}:{ROOT}"
    process = start("doctor", cwd=tmp_path / "project", PYTHONPATH=path, PYTHONSAFEPATH="1")
    output, errors = process.communicate(timeout=30)
    assert (output.split(), errors) == ([str(process.pid), "doctor"], "")


CLIENT_ALONE = """
import importlib.machinery, pathlib, sys
from ostinato.cli.app import app
sys.path = [path for path in sys.path if not pathlib.Path(path, "deploy", "local").is_dir()]
sys.meta_path = [importlib.machinery.BuiltinImporter, importlib.machinery.PathFinder]
app()
"""
"""Runs the command as in an environment where only the client is installed."""


@pytest.mark.parametrize("command", ["up", "down", "doctor"])
def test_without_the_servers_the_command_says_what_to_install(tmp_path: Path, command: str) -> None:
    completed = subprocess.run(
        [sys.executable, "-c", CLIENT_ALONE, command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert completed.returncode == 2
    assert "`pip install 'ostinato-server[local]'` installs them" in completed.stderr
    assert len(completed.stderr.splitlines()) == 1
