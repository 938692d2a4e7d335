"""The services of this release finish what release 0.1.0 left in its database.

data/README.md describes the dump and how it was made.
"""

import asyncio
import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from deploy.local.stack import SERVICES, Stack
from ostinato.client import Client
from ostinato.errors import ApiError
from ostinato.schemas.datasets import DatasetState
from ostinato.schemas.events import JobEvent, MelodyEvent
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from tests.conftest import ROOT
from tests.support.servers.databases import run_script
from tests.support.servers.stacks import EMPTY, Servers, StackOnServers, start_services

DATA = Path(__file__).parent / "data"
EXPECTED: dict[str, Any] = json.loads((DATA / "expected.json").read_text())
TIMEOUT = 150.0

pytestmark = pytest.mark.timeout(300)


SHORTER_TRAINING = """
    UPDATE jobs SET request = jsonb_set(request, '{overrides,steps}', '4')
    WHERE kind = 'training' AND request -> 'overrides' ->> 'steps' = '60'
"""
"""The running training has 60 steps, which take half a minute; four prove the same."""


@pytest.fixture(scope="module")
def upgraded_stack(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("upgraded")
    checkpoints = folder / "checkpoints"
    shutil.copytree(ROOT / "checkpoints" / "mini", checkpoints / "mini")
    with StackOnServers(folder, servers, checkpoints_dir=checkpoints, template=EMPTY) as stack:
        for script in ((DATA / "database.sql").read_text(), SHORTER_TRAINING):
            asyncio.run(run_script(stack.database_url, script))
        shutil.copytree(DATA / "storage", folder / "storage", dirs_exist_ok=True)
        stack.migrate()
        start_services(stack, SERVICES)
        yield stack


@pytest.fixture(scope="module")
def alice(upgraded_stack: Stack) -> Iterator[Client]:
    with Client(upgraded_stack.url, key_of("alice")) as client:
        yield client


def key_of(owner: str) -> str:
    keys: dict[str, str] = {key["owner"]: key["key"] for key in EXPECTED["api_keys"]}
    return keys[owner]


def job_named(what: str) -> dict[str, Any]:
    jobs: dict[str, dict[str, Any]] = {job["what"]: job for job in EXPECTED["jobs"]}
    return jobs[what]


PENDING = [
    job["what"]
    for job in EXPECTED["jobs"]
    if job["ends"] is not None and job["kind"] == "generation"
]


@pytest.mark.parametrize("what", PENDING)
def test_pending_generation_jobs_end_as_in_0_1_0(upgraded_stack: Stack, what: str) -> None:
    """But a job that is past its deadline, which 0.1.0 cancelled, expires."""
    expected = job_named(what)
    with Client(upgraded_stack.url, key_of(expected["owner"])) as client:
        job = client.wait(UUID(expected["id"]), seconds=TIMEOUT)
    ends = expected["ends"]
    assert job.state == (JobState.EXPIRED if what == "overdue" else ends["state"])
    assert (job.succeeded, job.failed, job.cancelled + job.expired) == (
        ends["succeeded"],
        ends["failed"],
        ends["cancelled"],
    )


def test_a_queued_engraving_is_finished(alice: Client) -> None:
    engraving = alice.wait_for_engraving(UUID(job_named("queued_engraving")["id"]), seconds=TIMEOUT)
    assert engraving.state is JobState.SUCCEEDED
    assert b"score-partwise" in alice.musicxml(engraving.id)


def test_an_unprocessed_data_set_is_imported(alice: Client) -> None:
    expected = job_named("unread_dataset_reading")
    dataset = alice.wait_for_dataset(UUID(expected["id"]), seconds=TIMEOUT)
    assert dataset.state is DatasetState.REJECTED
    assert dataset.error is not None
    assert dataset.error.code == expected["ends"]["error"]["code"]


def test_a_running_training_succeeds(alice: Client) -> None:
    training_id = UUID(job_named("running_training")["id"])
    for event in alice.events(training_id):
        if isinstance(event, JobEvent) and event.state.is_terminal:
            break
    assert alice.training(training_id).state is JobState.SUCCEEDED


def test_a_paused_training_can_be_cancelled(alice: Client) -> None:
    training_id = UUID(job_named("paused")["id"])
    assert alice.training(training_id).state is JobState.PAUSED
    assert alice.cancel_training(training_id).state is JobState.CANCELLED


def test_the_event_stream_of_an_old_job_is_rebuilt(alice: Client) -> None:
    events = list(alice.events(UUID(job_named("succeeded")["id"])))
    assert sum(isinstance(event, MelodyEvent) for event in events) == 2
    assert isinstance(events[-1], JobEvent)
    assert events[-1].state is JobState.SUCCEEDED


def test_an_old_midi_file_is_reproduced_or_the_reason_is_given(alice: Client) -> None:
    midi = (DATA / "melody.mid").read_bytes()
    assert hashlib.sha256(midi).hexdigest() == EXPECTED["melodies"][0]["midi_sha256"]
    try:
        job = alice.wait(alice.reproduce(midi).id, seconds=TIMEOUT)
    except ApiError as error:
        assert error.code == "numerics_mismatch"  # noqa: PT017 - both outcomes are correct
        return
    [melody] = alice.melodies(job.id)
    assert alice.midi(melody.id) == midi


def test_an_old_idempotency_key_returns_its_job(alice: Client) -> None:
    request = GenerationRequest(model="mini", count=2, bars=8, seed=42)
    job = alice.generate(request, idempotency_key="upgrade-1")
    assert str(job.id) == job_named("succeeded")["id"]
