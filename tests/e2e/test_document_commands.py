"""Every command of every document works as typed, unless the document says that it is not run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.stack import Stack
from tests.architecture.source import ROOT
from tests.support.documents import CodeBlock, code_blocks, documents

COMMAND_FOLDERS = {"var", "out"}
"""Folders of a checkout that the commands read or write; every test has separate ones."""


def runnable(document: Path) -> list[CodeBlock]:
    return [block for block in code_blocks(document) if block.not_run is None]


@pytest.fixture
def checkout(stack: Stack, tmp_path: Path) -> Path:
    """A folder that looks like the checkout in which `make up` runs."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for entry in ROOT.iterdir():
        if entry.name not in COMMAND_FOLDERS:
            (folder / entry.name).symlink_to(entry)
    (folder / "var").mkdir()
    (folder / "var" / "url").write_text(stack.url)
    (folder / "var" / "api_key").write_text(stack.key_file.read_text())
    return folder


def script_of(blocks: list[CodeBlock]) -> str:
    """One shell script of a document's blocks, in which each stops at its first failure."""
    parts = [
        block.code if block.language == "sh" else f"python - <<'END'\n{block.code}END\n"
        for block in blocks
    ]
    return "set -euo pipefail\n" + "\n".join(parts)


@pytest.mark.parametrize(
    "document", [document for document in documents() if runnable(document)], ids=str
)
@pytest.mark.timeout(300)
def test_the_commands_of_a_document_work(document: Path, checkout: Path) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    completed = subprocess.run(
        ["/usr/bin/env", "bash", "-c", script_of(runnable(document))],
        cwd=checkout,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed.returncode == 0, completed.stdout + completed.stderr
