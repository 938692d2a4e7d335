"""Transactions lock the counters of an owner in one order, so they never wait for each other."""

import asyncio
from uuid import UUID

from ostinato.schemas.batches import BatchParameters
from ostinato.schemas.generations import GenerationRequest
from shared.db.database import Database
from shared.db.job_queue.job_store import JobStore
from shared.db.new_job import NewJob, NewShard
from tests.support.jobs import JobFixture

MODELS = [f"v{number}" for number in range(2, 9)]
ROUNDS = 12


async def add_batch(fixture: JobFixture, models: list[str]) -> UUID:
    """A batch with a shard for each model, in this order."""
    request = BatchParameters(request=GenerationRequest(model="v7", seed=1))
    shards = [NewShard(model=model, first_index=i) for i, model in enumerate(models)]
    new_job = NewJob(
        owner=fixture.owner,
        request=request,
        original_request=request,
        queue=fixture.queue,
        batch_shards=shards,
    )
    async with fixture.database.transaction() as connection:
        await JobStore(connection).insert(new_job)
    return new_job.job_id


async def pause_and_resume(fixture: JobFixture, batch_id: UUID) -> None:
    for _ in range(ROUNDS):
        for change in (JobStore.pause, JobStore.resume):
            async with fixture.database.transaction() as connection:
                await change(JobStore(connection), batch_id)


async def submit_and_finish(fixture: JobFixture, models: list[str]) -> None:
    for _ in range(ROUNDS):
        batch_id = await add_batch(fixture, models)
        async with fixture.database.transaction() as connection:
            await JobStore(connection).cancel(batch_id)


async def test_batches_of_many_models_can_be_changed_at_the_same_time(database: Database) -> None:
    fixture = JobFixture(database)
    batches = [await add_batch(fixture, models) for models in (MODELS, MODELS[::-1], MODELS[3:])]
    await asyncio.gather(
        *(pause_and_resume(fixture, batch_id) for batch_id in batches),
        submit_and_finish(fixture, MODELS),
        submit_and_finish(fixture, MODELS[2:5]),
    )
    await fixture.check_counters()
