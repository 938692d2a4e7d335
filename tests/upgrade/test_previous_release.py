"""Services of the previous release run on this schema, beside those of this release.

Releases before `FIRST_COMPATIBLE` have to be stopped for the upgrade.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.stack import Stack
from ostinato.client import Client
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from tests.conftest import CHECKPOINTS, client_of
from tests.support.servers.previous_release import MixedStack, unpack_previous_release
from tests.support.servers.stacks import Servers, wait_until_registered

TIMEOUT = 60.0

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def old_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages of the previous release."""
    folder = tmp_path_factory.mktemp("previous-release")
    unpack_previous_release(folder)
    return folder


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
