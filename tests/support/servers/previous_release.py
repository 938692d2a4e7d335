"""The code of the previous release, taken from git, and a stack with services of both releases."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from deploy.local.process import ProgramSpec
from deploy.local.stack import SERVICES
from tests.support.servers.stacks import FAST_LEASES, StackOnServers

ROOT = Path(__file__).parents[3]
FIRST_COMPATIBLE = "0503361"
"""Has revision 0015. Code before revision 0014 cannot submit or claim on the newest schema."""
RELEASE = re.compile(r"^## [\d.]+ \([\d-]+, commit (\w+)\)$", re.MULTILINE)
START_TIMEOUT = 90.0
LOG_CHARACTERS = 20_000
CODE = ("ostinato", "services", "shared", "deploy")


def git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["/usr/bin/env", "git", *arguments], cwd=ROOT, capture_output=True, check=False
    )


def previous_commit() -> str:
    """The commit of the newest release; before its schema is compatible, `FIRST_COMPATIBLE`."""
    newest = RELEASE.findall((ROOT / "CHANGELOG.md").read_text())[0]
    is_compatible = git("merge-base", "--is-ancestor", FIRST_COMPATIBLE, newest).returncode == 0
    return newest if is_compatible else FIRST_COMPATIBLE


def unpack_previous_release(folder: Path) -> None:
    """Write the packages of the previous release; without its commit the test is skipped."""
    commit = previous_commit()
    archive = git("archive", commit, *CODE)
    if archive.returncode != 0:
        pytest.skip(f"this checkout does not have the commit {commit} of the previous release")
    subprocess.run(["/usr/bin/env", "tar", "-x"], cwd=folder, input=archive.stdout, check=True)


class MixedStack(StackOnServers):
    """Some services run the code of the previous release, on the newest schema."""

    old_code: Path
    old_services: frozenset[str] = frozenset()

    def _spec(self, name: str, module: str, env: dict[str, str]) -> ProgramSpec:
        is_old = name in self.old_services
        return ProgramSpec(
            name=name,
            command=[sys.executable, "-m", module],
            env=self.env() | env,
            cwd=self.old_code if is_old else None,
        )

    def run(self, *, old: frozenset[str], new: frozenset[str]) -> None:
        """Start these services again, in these releases."""
        self.old_services = old
        for name in sorted(old | new):
            self.start(name, **FAST_LEASES, PYTHONFAULTHANDLER="1")
        deadline = time.monotonic() + START_TIMEOUT
        while not self._has_worker():
            assert self.unexpected_exits() == {}
            if time.monotonic() > deadline:
                self._fail_with_stacks()
            time.sleep(0.1)

    def _fail_with_stacks(self) -> None:
        """Fail with the end of the log, to which each service has written what it is doing."""
        for name in SERVICES:
            self.process(name).signal(signal.SIGABRT)
        time.sleep(1)
        log = (self.state_dir.path / "log").read_text(errors="replace")
        pytest.fail(f"no worker is ready after {START_TIMEOUT} s\n{log[-LOG_CHARACTERS:]}")

    def _has_worker(self) -> bool:
        """Whether the gateway, of either release, finds both servers and a worker."""
        try:
            readiness = httpx.get(f"{self.url}/readyz", trust_env=False).json()
        except httpx.TransportError:
            return False
        return bool(readiness.get("redis") == "ok" and readiness["workers"] > 0)
