"""Faults during a job lose nothing, duplicate nothing and change no byte.

A fault is injected at a moment in the life of a job, while other clients submit jobs. Afterwards
every melody exists exactly once, with the bytes of a job without faults, and the client that
follows the job has received each note exactly once.

CI runs each fault at one of the moments; `make chaos` runs all and writes docs/chaos.md.
"""

import time
from collections.abc import Iterator

import pytest

from ostinato.client import Client
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import GenerationJob, JobState
from tests.conftest import ROOT, client_of
from tests.support.chaos.faults import FAULTS, Fault, fill_disk
from tests.support.chaos.load import BackgroundLoad, files_of_requests
from tests.support.chaos.report import Outcome, write_report
from tests.support.chaos.selection import IS_COMPLETE, SEED
from tests.support.chaos.windows import WINDOWS, Window
from tests.support.servers.small_disk import tables_on_small_disk
from tests.support.servers.stacks import RestorableStack

REQUEST = GenerationRequest(model="mini", count=24, bars=24, seed=1000 + SEED)
CELLS = [
    (fault, window)
    for number, fault in enumerate(FAULTS)
    for position, window in enumerate(WINDOWS)
    if IS_COMPLETE or position == number % len(WINDOWS)
]


@pytest.fixture(scope="module")
def expected_files(restorable_stack: RestorableStack) -> list[bytes]:
    """The files of the request without a fault."""
    with client_of(restorable_stack) as client:
        return files_of(client, client.wait(client.generate(REQUEST).id))


@pytest.fixture(scope="module")
def expected_of_load(restorable_stack: RestorableStack) -> dict[int, list[bytes]]:
    """The files of the other clients' requests without a fault."""
    with client_of(restorable_stack) as client:
        return files_of_requests(client)


@pytest.fixture(scope="module")
def outcomes() -> Iterator[list[Outcome]]:
    """What happened; a complete run writes the report at the end."""
    found: list[Outcome] = []
    yield found
    if IS_COMPLETE:
        write_report(ROOT / "docs", found, REQUEST.count)


@pytest.fixture
def faulty_stack(isolated_stack: RestorableStack, fault: Fault) -> Iterator[RestorableStack]:
    """The isolated stack; its jobs and melodies are on a small disk if the fault fills it."""
    if fault is not fill_disk:
        yield isolated_stack
        return
    with tables_on_small_disk(isolated_stack.database_url, megabytes=64) as filler:
        isolated_stack.filler = filler
        yield isolated_stack
        isolated_stack.filler = None


def files_of(client: Client, job: GenerationJob) -> list[bytes]:
    """The MIDI files of a job in the order of its melodies."""
    return [client.midi(melody.id) for melody in client.melodies(job.id)]


@pytest.mark.parametrize(
    ("fault", "window"),
    CELLS,
    ids=[f"{fault.__name__}-{window.__name__}" for fault, window in CELLS],
)
def test_a_fault_during_a_job(
    faulty_stack: RestorableStack,
    expected_files: list[bytes],
    expected_of_load: dict[int, list[bytes]],
    outcomes: list[Outcome],
    fault: Fault,
    window: Window,
) -> None:
    load = BackgroundLoad(faulty_stack, seed=SEED)
    load.start()
    with client_of(faulty_stack) as client:
        with window(faulty_stack, lambda: client.generate(REQUEST)) as reader:
            started = time.monotonic()
            fault(faulty_stack)
        job = client.wait(reader.job.id)
        recovery = time.monotonic() - started
        load.stop()
        files = files_of(client, job)
        others = load.check(client, expected_of_load)
        outcome = Outcome(
            fault=fault.__name__,
            window=window.__name__,
            survived=job.state is JobState.SUCCEEDED,
            lost=max(0, len(expected_files) - len(files)) + others["lost"],
            doubled=max(0, len(files) - len(expected_files)) + others["doubled"],
            bytes_equal=files == expected_files and not others["changed"],
            recovery_s=round(recovery, 1),
            other_jobs=others["jobs"],
            seed=SEED,
        )
        outcomes.append(outcome)
        assert (outcome.survived, outcome.lost, outcome.doubled) == (True, 0, 0), job
        assert outcome.bytes_equal
        reader.assert_complete(client)
