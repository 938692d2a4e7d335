"""The web studio in a real browser, against the real stack; its tests are Playwright's.

Without Node or Chromium it says so and skips, but not in CI, where either is a failure.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from deploy.local.stack import Stack
from deploy.local.web import build
from tests.blank import make_blank
from tests.conftest import ROOT, start
from tests.public_folder import public_folder
from tests.tunes import tunes

WEB = ROOT / "services" / "web"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
IN_CI = os.environ.get("CI") == "true"
LONGEST = 600
VERSIONS = ("mini", "v4")
"""The default, and one whose card tells what it writes."""
FILLS = "untaught"
"""One that can write bars anew with sight of what follows; it comes behind the default."""


def lacking(what: str) -> None:
    """CI has everything; elsewhere one line says which tests did not run."""
    if IN_CI:
        pytest.fail(f"{what}; with CI=true the browser's tests have to run")
    pytest.skip(f"THE BROWSER'S TESTS DID NOT RUN: {what}")


def in_path() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def succeeds(*command: str) -> bool:
    return subprocess.run(command, cwd=WEB, capture_output=True, check=False).returncode == 0


def find_browser() -> str | None:
    """The path of one that is here, or could be installed; None for Playwright's own."""
    if (found := in_path()) is not None:
        return found
    if os.geteuid() == 0 and shutil.which("apt-get") is not None:
        succeeds("apt-get", "update")
        succeeds("apt-get", "install", "--yes", "--no-install-recommends", "chromium")
        if (found := in_path()) is not None:
            return found
    if not succeeds("npx", "playwright", "install", "chromium"):
        lacking("there is no Chromium, and none could be installed")
    return None


@pytest.fixture(scope="module")
def studio() -> Iterator[Stack]:
    """A stack that serves the page, with three versions to choose between."""
    if shutil.which("npm") is None:
        lacking("there is no Node")
    with public_folder() as folder:
        for name in VERSIONS:
            shutil.copytree(ROOT / "checkpoints" / name, folder / "checkpoints" / name)
        make_blank(folder / "checkpoints" / FILLS, FILLS)
        with Stack(folder / "var", checkpoints=folder / "checkpoints") as stack:
            stack.web = build(WEB, print)
            start(stack)
            yield stack


@pytest.mark.timeout(LONGEST)
def test_every_page_in_chromium(studio: Stack) -> None:
    browser = find_browser()
    music = studio.folder.path / "tunes.zip"
    music.write_bytes(tunes().read())
    ours = {"OSTINATO_URL": studio.url, "TUNES": str(music)}
    if browser is not None:
        ours["CHROMIUM"] = browser
    ran = subprocess.run(
        ["/usr/bin/env", "npx", "playwright", "test"],
        cwd=WEB,
        env=os.environ | ours,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-20_000:]


def test_its_music_and_its_streams() -> None:
    if not (WEB / "node_modules").exists():
        lacking("the web studio's packages are not installed: `npm ci` in services/web")
    ran = subprocess.run(
        ["/usr/bin/env", "npm", "test"], cwd=WEB, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (WEB / "package-lock.json").read_text()
