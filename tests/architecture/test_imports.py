"""The import contracts hold, and each one detects a violation that is added to a copy."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT, python_files

VIOLATIONS = {
    "services": {"services/gateway/added.py": "import services.dispatcher"},
    "shared": {"shared/ids.py": "import shared.db"},
    "client": {"ostinato/added.py": "import shared.errors"},
    "schemas": {"services/gateway/added.py": "import ostinato.client"},
    "torch": {"services/gateway/added.py": "import torch"},
    "engine": {"services/worker/engine/added.py": "import celery"},
    "rows": {"services/gateway/added.py": "import shared.db.tables"},
    "cycles": {
        "services/gateway/added/__init__.py": "",
        "services/gateway/added/first.py": "import services.gateway.added.second",
        "services/gateway/added/second.py": "import services.gateway.added.first",
    },
    "sandbox": {"services/gateway/added.py": "import shared.midi.inspect"},
}
"""Files that violate each import contract of pyproject.toml."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the packages."""
    for path in python_files(*PACKAGES):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, tmp_path / path)
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    return tmp_path


def lint(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    return subprocess.run(
        [*command, *arguments], cwd=root, capture_output=True, text=True, check=False
    )


def contracts() -> set[str]:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {contract["id"] for contract in configuration["tool"]["importlinter"]["contracts"]}


def test_every_contract_has_a_violation() -> None:
    assert set(VIOLATIONS) == contracts()


def test_all_contracts_hold(copy: Path) -> None:
    completed = lint(copy)
    assert completed.returncode == 0, completed.stdout


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_contract_detects_its_violation(contract: str, copy: Path) -> None:
    for name, text in VIOLATIONS[contract].items():
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text(f"{text}\n")
    completed = lint(copy, "--contract", contract)
    assert completed.returncode != 0
    assert "1 broken" in completed.stdout
    assert Path(next(reversed(VIOLATIONS[contract]))).stem in completed.stdout
