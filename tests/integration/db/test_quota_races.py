"""The quota of items holds for jobs that are submitted at the same time."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from deploy.local.stack import Stack
from ostinato.schemas.batches import BatchParameters
from ostinato.schemas.generations import GenerationRequest
from shared.db.database import Database
from shared.db.job_queue.submissions import Quota, submit
from shared.db.new_job import NewJob, NewShard
from tests.support.jobs import MODEL, JobFixture

SUBMISSIONS, ROUNDS = 8, 15
ITEMS = 64


@pytest.fixture
async def database(backends: Stack) -> AsyncIterator[Database]:
    """A connection for each submission."""
    database = Database(backends.database_url, pool_size=SUBMISSIONS)
    yield database
    await database.close()


def new_batch(fixture: JobFixture, models: list[str]) -> NewJob[BatchParameters]:
    """A batch with a shard of each model."""
    request = BatchParameters(request=GenerationRequest(model=MODEL, seed=1))
    size = ITEMS // len(models)
    return NewJob(
        owner=fixture.owner,
        request=request,
        original_request=request,
        queue=fixture.queue,
        batch_shards=[
            NewShard(model=model, first_index=i * size, size=size) for i, model in enumerate(models)
        ],
    )


async def is_accepted(fixture: JobFixture, models: list[str]) -> bool:
    """Submit a batch that uses the whole quota, as the gateway does."""
    async with fixture.database.transaction() as connection:
        submission = await submit(
            connection,
            new_batch(fixture, models),
            quota=Quota([fixture.queue], ITEMS),
        )
        if submission.exceeds_quota:
            await connection.rollback()
    return not submission.exceeds_quota


@pytest.mark.parametrize("models", [[MODEL], [MODEL, "other"]])
async def test_one_of_the_jobs_is_accepted(database: Database, models: list[str]) -> None:
    for _ in range(ROUNDS):
        fixture = JobFixture(database)
        accepted = await asyncio.gather(*(is_accepted(fixture, models) for _ in range(SUBMISSIONS)))
        assert sum(accepted) == 1
        assert await fixture.num_queued() == len(models)
    await JobFixture(database).check_counters()
