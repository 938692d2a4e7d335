"""The distributions that a set of requirements installs, and environments of exactly these.

The environments share the files of the installed distributions (hard links), so that a test needs
no network and little time to make one.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution, requires
from importlib.util import cache_from_source
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

CLIENT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SERVER = tomllib.loads((ROOT / "deploy" / "pyproject.toml").read_text())["project"]
MARKERS = {"python_full_version": f"{sys.version_info.major}.{sys.version_info.minor}.0"}
"""Markers are evaluated for the first release of this Python, which needs the most backports."""
OWN = {CLIENT["name"]: CLIENT, SERVER["name"]: SERVER}
"""The two projects of this checkout, by name."""


def installed_by(*requirements: str) -> set[str]:
    """The names of all distributions that these requirements install, as far as installed here."""
    found: set[tuple[str, str]] = set()
    pending = [part for line in requirements for part in _parts(Requirement(line))]
    while pending:
        part = pending.pop()
        if part not in found:
            found.add(part)
            pending.extend(_dependencies(*part))
    return {name for name, _extra in found}


def _parts(requirement: Requirement) -> list[tuple[str, str]]:
    """The distribution without an extra, and with each of the requested extras."""
    name = str(canonicalize_name(requirement.name))
    return [(name, extra) for extra in ("", *requirement.extras)]


def _dependencies(name: str, extra: str) -> list[tuple[str, str]]:
    required = map(Requirement, _requirement_lines(name, extra))
    applicable = [
        requirement
        for requirement in required
        if not requirement.marker or requirement.marker.evaluate(MARKERS | {"extra": extra})
    ]
    return [part for requirement in applicable for part in _parts(requirement)]


def _requirement_lines(name: str, extra: str) -> list[str]:
    if name in OWN:
        extras = OWN[name].get("optional-dependencies", {})
        return list(extras[extra] if extra else OWN[name]["dependencies"])
    try:
        return requires(name) or []
    except PackageNotFoundError:  # for another platform or Python
        return []


def create_environment(
    folder: Path,
    wheels: Iterable[Path],
    *requirements: str,
    interpreter: str = sys.executable,
) -> Path:
    """A virtual environment with the wheels and what the requirements install; returns its bin."""
    subprocess.run([interpreter, "-m", "venv", "--without-pip", str(folder)], check=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site_packages = folder / "lib" / version / "site-packages"
    for name in sorted(installed_by(*requirements) - OWN.keys()):
        _link_distribution(name, site_packages)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install"]
    options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
    for wheel in wheels:
        subprocess.run([*pip, *options, str(wheel)], check=True)
    return folder / "bin"


def _link_distribution(name: str, site_packages: Path) -> None:
    """Link the files of an installed distribution, without its commands."""
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:  # for another platform or Python
        return
    for file in files:
        source = Path(str(file.locate()))
        if ".." not in file.parts and source.exists():
            _link(source, site_packages / file)
            if source.suffix == ".py" and (compiled := Path(cache_from_source(source))).exists():
                _link(compiled, Path(cache_from_source(site_packages / file)))


def _link(source: Path, target: Path) -> None:
    if target.exists():  # bytecode that the distribution lists, too
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
