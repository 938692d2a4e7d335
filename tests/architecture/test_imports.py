"""Who may import whom: each contract holds, and breaks on a fault that is planted in a copy."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT, python_files

FAULTS = {
    "services": {"services/gateway/planted.py": "import services.dispatcher"},
    "layers": {"ostinato/schemas/planted.py": "import shared.db"},
    "light": {"services/gateway/planted.py": "import torch"},
    "tensors": {"services/worker/engine/planted.py": "import celery"},
    "rows": {"services/gateway/planted.py": "import shared.db.tables"},
    "cycles": {
        "services/gateway/planted/__init__.py": "",
        "services/gateway/planted/hen.py": "import services.gateway.planted.egg",
        "services/gateway/planted/egg.py": "import services.gateway.planted.hen",
    },
    "client": {"ostinato/planted.py": "import services.gateway"},
    "inspect": {"services/gateway/planted.py": "import shared.midi.inspect"},
}
"""For each contract of pyproject.toml, files that break it."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Our packages, away from the checkout."""
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


def test_every_contract_has_a_fault_that_proves_it() -> None:
    assert set(FAULTS) == contracts()


def test_all_contracts_hold(copy: Path) -> None:
    linted = lint(copy)
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("contract", FAULTS)
def test_a_planted_fault_breaks_its_contract(contract: str, copy: Path) -> None:
    for name, text in FAULTS[contract].items():
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text(f"{text}\n")
    linted = lint(copy, "--contract", contract)
    assert linted.returncode != 0
    assert "1 broken" in linted.stdout
    assert "planted" in linted.stdout
