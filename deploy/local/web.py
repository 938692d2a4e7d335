"""Builds the web studio with npm when its sources have changed."""

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from deploy.local.errors import StackError

GENERATED = {"node_modules", ".next", "out", "sound", "test-results", "next-env.d.ts"}
"""Entries of the source folder that npm creates."""
NPM = ("npm", "--no-update-notifier")


def build(sources: Path, report: Callable[[str], None]) -> Path | None:
    """Build the studio if its sources have changed, and return the folder of static files.

    Without sources or Node, `report` receives the reason; the result is then None, or an earlier
    build.

    Raises:
        StackError: npm fails.
    """
    built, stamp = sources / "out", sources / ".next" / "ostinato-sources"
    if not (sources / "package.json").exists():
        report(f"no web studio: {sources} has no sources; only the API is served")
        return None
    fingerprint = _fingerprint(sources)
    if built.exists() and stamp.exists() and stamp.read_text() == fingerprint:
        return built
    if shutil.which("npm") is None:
        return _without_npm(built, report)
    report("building the web studio, which takes a minute or two")
    if not _is_installed(sources):
        _npm(sources, "ci")
    _npm(sources, "run", "build")
    stamp.write_text(fingerprint)
    return built


def _without_npm(built: Path, report: Callable[[str], None]) -> Path | None:
    if built.exists():
        report("the web studio may be out of date: rebuilding it needs Node 20 or newer")
        return built
    report("no web studio: building it needs Node 20 or newer; only the API is served")
    return None


def _is_installed(sources: Path) -> bool:
    """`npm ci` writes a copy of the lock file, which is newer than the original."""
    lock, installed = sources / "package-lock.json", sources / "node_modules/.package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime


def _npm(sources: Path, *arguments: str) -> None:
    completed = subprocess.run(  # noqa: S603 -- our own package
        [*NPM, *arguments], cwd=sources, capture_output=True, text=True, check=False
    )
    if completed.returncode != 0:
        command = " ".join(("npm", *arguments))
        output = (completed.stdout + completed.stderr)[-4000:]
        raise StackError(f"`{command}` failed in {sources}:\n{output}")


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
