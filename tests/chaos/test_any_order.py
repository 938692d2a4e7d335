"""Submissions, cancellations and faults in any order, against a model of what has to be true.

The model knows the jobs that were accepted and those whose cancellation was requested. At the end
every job is in a state that the model allows, each of its melodies exists once, its events are
numbered without a gap, and all counters equal a recount.
"""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from ostinato.errors import ApiError
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import JobState
from shared.db.database import Database
from tests.conftest import client_of
from tests.support.chaos.faults import (
    flush_redis,
    kill_dispatcher,
    kill_gateway,
    kill_worker,
    terminate_backends,
)
from tests.support.chaos.selection import IS_COMPLETE, SEED
from tests.support.servers.stacks import RestorableStack

EXAMPLES, STEPS = (12, 14) if IS_COMPLETE else (2, 8)
FAULTS = (kill_worker, kill_gateway, kill_dispatcher, flush_redis, terminate_backends)
COUNTERS = text("""
    SELECT jobs.id, jobs.succeeded, jobs.failed, jobs.cancelled, jobs.num_items,
        (SELECT count(*) FROM melodies WHERE job_id = jobs.id AND NOT partial) AS melodies,
        (SELECT coalesce(sum(size - ended_items), 0) FROM shards WHERE job_id = jobs.id)
            AS unfinished
    FROM jobs WHERE jobs.id = ANY (CAST(:ids AS uuid[]))
""")
PENDING = text("SELECT coalesce(sum(pending_items), 0)::int FROM owner_queues")
UNFINISHED = text("SELECT coalesce(sum(size - ended_items), 0)::int FROM shards")


@dataclass(slots=True)
class ExpectedJob:
    """What the model knows of a job."""

    request: GenerationRequest
    may_be_cancelled: bool = False


class JobsUnderFaults(RuleBasedStateMachine):
    """The stack and the model, side by side."""

    stack: RestorableStack
    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.connection = client_of(self.stack)
        self.client = self.connection.__enter__()
        self.expected: dict[UUID, ExpectedJob] = {}

    @initialize(target=jobs)
    def submit_first(self) -> UUID:
        return self.accept(GenerationRequest(model="mini", count=8, bars=8, seed=SEED))

    @rule(target=jobs, count=st.integers(1, 70), bars=st.integers(2, 8), number=st.integers(0, 999))
    def submit(self, count: int, bars: int, number: int) -> UUID:
        return self.accept(GenerationRequest(model="mini", count=count, bars=bars, seed=number))

    def accept(self, request: GenerationRequest) -> UUID:
        """Submit a job, and let the model know it."""
        job = self.client.generate(request)
        self.expected[job.id] = ExpectedJob(request)
        return job.id

    @rule(job_id=jobs)
    def cancel(self, job_id: UUID) -> None:
        self.expected[job_id].may_be_cancelled = True
        try:
            self.client.cancel(job_id)
        except ApiError as error:  # it has ended already
            assert self.client.job(job_id).state.is_terminal, error  # noqa: PT017

    @rule(fault=st.sampled_from(FAULTS))
    def inject(self, fault: object) -> None:
        assert callable(fault)
        fault(self.stack)

    def teardown(self) -> None:
        try:
            for job_id, expected in self.expected.items():
                self.check(job_id, expected)
            asyncio.run(self.check_counters())
        finally:
            self.connection.__exit__(None, None, None)

    def check(self, job_id: UUID, expected: ExpectedJob) -> None:
        """The job has ended as the model allows, and has each melody and event once."""
        job = self.client.wait(job_id)
        melodies = list(self.client.melodies(job_id))
        indices = [melody.index for melody in melodies]
        assert len(set(indices)) == len(indices)
        if job.state is JobState.SUCCEEDED:
            assert indices == list(range(expected.request.count))
        else:
            assert (job.state, expected.may_be_cancelled) == (JobState.CANCELLED, True)
            assert job.succeeded == sum(not melody.partial for melody in melodies)
        numbers = [event.seq for event in self.client.events(job_id)]
        assert numbers == list(range(1, len(numbers) + 1))

    async def check_counters(self) -> None:
        """Every counter in the database equals a recount."""
        database = Database(self.stack.database_url, pool_size=1)
        async with database.connection() as connection:
            for row in await connection.execute(COUNTERS, {"ids": list(self.expected)}):
                assert row.succeeded == row.melodies
                assert row.succeeded + row.failed + row.cancelled == row.num_items
                assert (row.failed, row.unfinished) == (0, 0)
            pending = await connection.scalar(PENDING)
            assert pending == await connection.scalar(UNFINISHED) == 0
        await database.close()


@pytest.mark.usefixtures("isolated_stack")
def test_any_order_of_submissions_cancellations_and_faults(
    restorable_stack: RestorableStack,
) -> None:
    JobsUnderFaults.stack = restorable_stack
    run_state_machine_as_test(
        seed(SEED)(JobsUnderFaults),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[Phase.generate],  # to shrink a failure would take hours
            suppress_health_check=list(HealthCheck),
        ),
    )
