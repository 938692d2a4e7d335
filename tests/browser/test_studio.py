"""Runs the Playwright tests in Chromium, against the real stack.

Without Node or Chromium they are skipped; with CI=true that is a failure.
"""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NoReturn

import pytest

from deploy.local.stack import SERVICES, Stack
from deploy.local.web import build
from tests.conftest import ROOT
from tests.support.midi import zip_of_random_midis
from tests.support.random_model import write_random_model
from tests.support.servers.stacks import Servers, StackOnServers, start_services

WEB = ROOT / "services" / "web"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
IN_CI = os.environ.get("CI") == "true"
TIMEOUT = 600
VERSIONS = ("mini", "v4")
"""The default version, and a version whose card has an evaluation of its samples."""
INFILL_VERSION = "untrained"
"""A version with the infill capability, listed after the default version."""


def skip_or_fail(reason: str) -> NoReturn:
    """Skip the test; in CI, which has Node and Chromium, fail it."""
    if IN_CI:
        pytest.fail(f"{reason}; with CI=true the browser tests must run")
    pytest.skip(f"THE BROWSER TESTS DID NOT RUN: {reason}")


def browser_on_path() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="module")
def chromium() -> str:
    """The path of an installed Chromium, or of the one that Playwright has installed."""
    script = "process.stdout.write(require('@playwright/test').chromium.executablePath())"
    own = subprocess.run(
        ["/usr/bin/env", "node", "-e", script], cwd=WEB, capture_output=True, text=True, check=False
    ).stdout
    found = browser_on_path() or (own if own and Path(own).exists() else None)
    if found is None:
        skip_or_fail("Chromium is missing: `npx playwright install chromium` in services/web")
    return found


@pytest.fixture(scope="module")
def examples_url() -> Iterator[str]:
    """The origin of a server of the folder `examples/`."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(ROOT / "examples"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def studio(
    servers: Servers, examples_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """A stack with three model versions that serves the studio, and allows the example page."""
    if shutil.which("npm") is None:
        skip_or_fail("Node is missing")
    folder = tmp_path_factory.mktemp("studio")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OSTINATO_ALLOWED_ORIGINS", examples_url)
        for name in VERSIONS:
            shutil.copytree(ROOT / "checkpoints" / name, folder / "checkpoints" / name)
        write_random_model(folder / "checkpoints" / INFILL_VERSION, INFILL_VERSION)
        with StackOnServers(
            folder / "var", servers, checkpoints_dir=folder / "checkpoints"
        ) as stack:
            stack.static_dir = build(WEB, print)
            start_services(stack, SERVICES)
            yield stack


@pytest.mark.timeout(TIMEOUT)
def test_the_playwright_tests_pass(chromium: str, studio: Stack, examples_url: str) -> None:
    archive = studio.state_dir.path / "tunes.zip"
    archive.write_bytes(zip_of_random_midis().read())
    settings = {
        "OSTINATO_URL": studio.url,
        "OSTINATO_API_KEY": studio.key_file.read_text(),
        "EXAMPLES_URL": examples_url,
        "TRAINING_ZIP": str(archive),
        "CHROMIUM": chromium,
    }
    completed = subprocess.run(
        ["/usr/bin/env", "npx", "playwright", "test"],
        cwd=WEB,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed.returncode == 0, (completed.stdout + completed.stderr)[-20_000:]


def test_the_unit_tests_of_the_studio_pass() -> None:
    if not (WEB / "node_modules").exists():
        skip_or_fail("the web studio's packages are not installed: `npm ci` in services/web")
    completed = subprocess.run(
        ["/usr/bin/env", "npm", "test"], cwd=WEB, capture_output=True, text=True, check=False
    )
    assert completed.returncode == 0, completed.stdout + completed.stderr


def test_the_lock_file_contains_no_registry_urls() -> None:
    assert '"resolved"' not in (WEB / "package-lock.json").read_text()
