"""Imports resolve to this checkout, and the lock satisfies both projects, with hashes."""

import re
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import services
import shared
from tests.architecture.source import ROOT
from tests.support.distributions import CLIENT, OWN, SERVER

REQUIREMENTS = [
    requirement
    for lines in (
        CLIENT["dependencies"],
        SERVER["dependencies"],
        *SERVER["optional-dependencies"].values(),
    )
    for requirement in map(Requirement, lines)
    if requirement.name not in OWN
]
LOCK = (ROOT / "requirements.lock").read_text()
LOCKED = {
    canonicalize_name(name): version
    for name, version in re.findall(r"^([\w.-]+)==(\S+)", LOCK, re.MULTILINE)
}
CHOSEN_AT_INSTALLATION = re.compile(r"^(torch|triton|nvidia-|cuda-)")
"""The build of PyTorch and the libraries of its CUDA builds."""


@pytest.mark.parametrize("package", [services, shared])
def test_imports_resolve_to_this_checkout(package: ModuleType) -> None:
    assert Path(str(package.__file__)).parent.parent == ROOT


@pytest.mark.parametrize("name", ["services", "shared"])
def test_no_other_distribution_has_a_package_of_this_name(name: str) -> None:
    assert set(packages_distributions().get(name, [])) <= OWN.keys()


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=str)
def test_the_lock_satisfies_every_requirement(requirement: Requirement) -> None:
    name = canonicalize_name(requirement.name)
    if not CHOSEN_AT_INSTALLATION.match(name):
        assert requirement.specifier.contains(LOCKED[name])


def test_the_lock_does_not_choose_a_build_of_torch() -> None:
    assert [name for name in LOCKED if CHOSEN_AT_INSTALLATION.match(name)] == []


def test_every_locked_package_has_hashes() -> None:
    blocks = re.split(r"^(?=\w)", LOCK, flags=re.MULTILINE)[1:]
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
