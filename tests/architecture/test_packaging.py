"""Imports resolve to this checkout, and the lock file satisfies pyproject.toml."""

import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import services
import shared
from tests.architecture.source import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
REQUIREMENTS = [
    Requirement(line) for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
]


def locked_versions() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pairs = (line.split("==") for line in lines)
    return {canonicalize_name(name): version for name, version in pairs}


@pytest.mark.parametrize("package", [services, shared])
def test_imports_resolve_to_this_checkout(package: ModuleType) -> None:
    assert Path(str(package.__file__)).parent.parent == ROOT


@pytest.mark.parametrize("name", ["services", "shared"])
def test_no_other_distribution_has_a_package_of_this_name(name: str) -> None:
    assert set(packages_distributions().get(name, [])) <= {"ostinato"}


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=str)
def test_the_lock_file_satisfies_every_requirement(requirement: Requirement) -> None:
    version = locked_versions()[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version)


def test_the_lock_file_does_not_choose_a_build_of_torch() -> None:
    assert "+" not in locked_versions()["torch"]
