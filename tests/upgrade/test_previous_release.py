"""Services of the previous release run on this schema, beside those of this release.

Their code is taken from git. Releases before `FIRST_COMPATIBLE` have to be stopped for the upgrade.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local.process import ProgramSpec
from deploy.local.stack import Stack
from ostinato.client import Client
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from tests.conftest import CHECKPOINTS, ROOT, client_of
from tests.support.servers.stacks import (
    FAST_LEASES,
    Servers,
    StackOnServers,
    wait_until_registered,
)

FIRST_COMPATIBLE = "0503361"
"""Has revision 0015. Revision 0014 has changed what a submission and a claim have to write."""
RELEASE = re.compile(r"^## [\d.]+ \([\d-]+, commit (\w+)\)$", re.MULTILINE)
CODE = ("ostinato", "services", "shared", "deploy")
TIMEOUT = 60.0

pytestmark = pytest.mark.timeout(300)


def git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["/usr/bin/env", "git", *arguments], cwd=ROOT, capture_output=True, check=False
    )


def previous_commit() -> str:
    """The commit of the newest release; before its schema is compatible, `FIRST_COMPATIBLE`."""
    newest = RELEASE.findall((ROOT / "CHANGELOG.md").read_text())[0]
    is_compatible = git("merge-base", "--is-ancestor", FIRST_COMPATIBLE, newest).returncode == 0
    return newest if is_compatible else FIRST_COMPATIBLE


@pytest.fixture(scope="module")
def old_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages of the previous release."""
    commit = previous_commit()
    archive = git("archive", commit, *CODE)
    if archive.returncode != 0:
        pytest.skip(f"this checkout does not have the commit {commit} of the previous release")
    folder = tmp_path_factory.mktemp("previous-release")
    subprocess.run(["/usr/bin/env", "tar", "-x"], cwd=folder, input=archive.stdout, check=True)
    return folder


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
            self.start(name, **FAST_LEASES)
        while not self._has_worker():
            assert self.unexpected_exits() == {}
            time.sleep(0.1)

    def _has_worker(self) -> bool:
        """Whether the gateway, of either release, finds both servers and a worker."""
        try:
            readiness = httpx.get(f"{self.url}/readyz", trust_env=False).json()
        except httpx.TransportError:
            return False
        return bool(readiness.get("redis") == "ok" and readiness["workers"] > 0)


@pytest.fixture(scope="module")
def mixed_stack(
    servers: Servers, old_code: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MixedStack]:
    folder = tmp_path_factory.mktemp("mixed")
    with MixedStack(folder, servers, checkpoints_dir=CHECKPOINTS) as stack:
        stack.old_code = old_code
        yield stack


def test_a_job_of_each_release_is_run_by_the_other(mixed_stack: MixedStack) -> None:
    old = frozenset({"gateway", "dispatcher", "trainer"})
    mixed_stack.run(old=old, new=frozenset({"worker"}))
    wait_until_registered(mixed_stack)
    assert str(mixed_stack.old_code) in working_folder(mixed_stack, "gateway")
    with client_of(mixed_stack) as client:
        run_to_end(client)
        mixed_stack.run(old=frozenset({"worker"}), new=frozenset({"gateway"}))
    with client_of(mixed_stack) as client:
        run_to_end(client)


def working_folder(stack: Stack, service: str) -> str:
    return str(Path(f"/proc/{stack.process(service).pid}/cwd").readlink())


def run_to_end(client: Client) -> None:
    """Generate, hear, read and cancel, as users do."""
    job = client.generate(GenerationRequest(model="mini", count=2, bars=2, seed=1))
    received = list(client.events(job.id))
    assert [event.seq for event in received] == list(range(1, len(received) + 1))
    assert sum(event.kind == "melody" for event in received) == 2
    melodies = client.melodies(job.id)
    assert all(client.midi(melody.id).startswith(b"MThd") for melody in melodies)
    large = client.generate(GenerationRequest(model="mini", count=100, bars=64, seed=2))
    client.cancel(large.id)
    assert client.wait(large.id, seconds=TIMEOUT).state is JobState.CANCELLED
