"""A fixture that runs a command of the embedded stack in this process."""

from pathlib import Path

import pytest

from deploy.local.__main__ import main
from tests.support.servers.commands import Run, settings_of


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command that ends by itself in this process; returns its exit code and its output."""

    def run(command: str, state_path: Path, **env: str) -> tuple[int, str]:
        for name, value in (settings_of(state_path) | env).items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        exit_code = main(command.split())
        output = capsys.readouterr()
        return exit_code, output.out + output.err

    return run
