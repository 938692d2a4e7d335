"""The web studio's sources, and the static files that npm builds out of them.

Builds only what has changed. Refuses to know what the page does, and to install Node.
"""

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from deploy.local.errors import StackError

MADE = {"node_modules", ".next", "out", "sound", "test-results", "next-env.d.ts"}
"""In the folder, and no source."""
NPM = ("npm", "--no-update-notifier")


def build(sources: Path, say: Callable[[str], None]) -> Path | None:
    """The built page, as new as its sources; None, and one line that says why, without Node.

    Raises:
        StackError: npm fails.
    """
    built, stamp = sources / "out", sources / ".next" / "ostinato-sources"
    if not (sources / "package.json").exists():
        say("no web studio: its sources are not here; the API runs without it")
        return None
    present = _fingerprint(sources)
    if built.exists() and stamp.exists() and stamp.read_text() == present:
        return built
    if shutil.which("npm") is None:
        say("no web studio: it is built with Node 20 or newer, which is not here; the API runs")
        return built if built.exists() else None
    say("building the web studio, which takes a minute or two when its sources have changed")
    if not _is_installed(sources):
        _npm(sources, "ci")
    _npm(sources, "run", "build")
    stamp.write_text(present)
    return built


def _is_installed(sources: Path) -> bool:
    """Installing leaves a copy of the lock file behind, newer than what it was made from."""
    lock, installed = sources / "package-lock.json", sources / "node_modules/.package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime


def _npm(sources: Path, *arguments: str) -> None:
    ran = subprocess.run(  # noqa: S603 -- our own package
        [*NPM, *arguments], cwd=sources, capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        command = " ".join(("npm", *arguments))
        raise StackError(f"`{command}` failed in {sources}:\n{(ran.stdout + ran.stderr)[-4000:]}")


def _fingerprint(sources: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(_files(sources)):
        digest.update(f"{path.relative_to(sources)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in MADE:
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path
