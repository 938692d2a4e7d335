"""Builds the web studio with npm when its sources have changed."""

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from deploy.local.errors import StudioNotBuilt

GENERATED = {"node_modules", ".next", "out", "sound", "test-results", "next-env.d.ts"}
"""Entries of the source folder that npm creates."""
NPM = ("npm", "--no-update-notifier")
MAX_OUTPUT = 4000
"""Characters of npm's output that are reported when it fails."""
MIN_NODE = 20


def build(sources: Path, report: Callable[[str], None]) -> Path:
    """Build the studio if its sources have changed, and return the folder of static files.

    `report` receives a line of progress, and the output of npm if it fails.

    Raises:
        StudioNotBuilt: the sources or Node are missing, or npm fails.
    """
    built, stamp = sources / "out", sources / ".next" / "ostinato-sources"
    if not (sources / "package.json").exists():
        raise StudioNotBuilt(f"{sources.absolute()} has no sources of the studio.")
    fingerprint = _fingerprint(sources)
    if built.exists() and stamp.exists() and stamp.read_text() == fingerprint:
        return built
    if (missing := missing_node()) is not None:
        raise StudioNotBuilt(f"building it needs {missing}.")
    report("building the web studio, which takes a minute or two")
    if not _is_installed(sources):
        _npm(sources, report, "ci")
    _npm(sources, report, "run", "build")
    stamp.write_text(fingerprint)
    return built


def earlier_build(sources: Path) -> Path | None:
    """The static files of an earlier build, which may differ from the sources; None without one."""
    built = sources / "out"
    return built if built.exists() else None


def missing_node() -> str | None:
    """What to install before the studio can be built; None if it can be built."""
    needed = f"Node {MIN_NODE} or newer"
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return f"{needed} with npm"
    version = _node_version(node)
    return None if version >= MIN_NODE else f"{needed}, and {node} is version {version}"


def _node_version(node: str) -> int:
    """The first number of `v22.11.0`; 0 if Node does not run."""
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 -- found on the PATH
    number = done.stdout.strip().removeprefix("v").partition(".")[0]
    return int(number) if number.isdigit() else 0


def _is_installed(sources: Path) -> bool:
    """`npm ci` writes a copy of the lock file, which is newer than the original."""
    lock, installed = sources / "package-lock.json", sources / "node_modules/.package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime


def _npm(sources: Path, report: Callable[[str], None], *arguments: str) -> None:
    completed = subprocess.run(  # noqa: S603 -- our own package
        [*NPM, *arguments], cwd=sources, capture_output=True, text=True, check=False
    )
    if completed.returncode != 0:
        output = (completed.stdout + completed.stderr)[-MAX_OUTPUT:]
        for line in output.splitlines():
            report(line)
        command = " ".join(("npm", *arguments))
        raise StudioNotBuilt(f"`{command}` failed in {sources.absolute()}; its output is above.")


def _fingerprint(sources: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(_source_files(sources)):
        digest.update(f"{path.relative_to(sources)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _source_files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in GENERATED:
            continue
        if path.is_dir():
            yield from _source_files(path)
        else:
            yield path
