"""The repository of evaluations with a real PostgreSQL."""

from pathlib import Path
from uuid import uuid4

import pytest

from ostinato.schemas.jobs import JobState, ShardState
from shared.db.database import Database
from shared.db.generation_jobs import GenerationJobs
from shared.db.job_queue.job_store import JobStore
from shared.db.melodies import Melodies
from shared.db.trainer.evaluations import Evaluations
from shared.db.trainer.trainer_jobs import TrainerJobs
from shared.db.trainer.trainings import Trainings
from shared.errors import Conflict, IdempotencyMismatch, NotFound
from tests.support.evaluations import NOTES, EvaluationFixture, sample_evaluation, write_checkpoint


@pytest.fixture
def fixture(database: Database) -> EvaluationFixture:
    return EvaluationFixture(database, f"v-{uuid4()}")


async def test_an_evaluation_names_its_weights_and_keeps_its_result(
    fixture: EvaluationFixture, tmp_path: Path
) -> None:
    job = await fixture.add_generation()
    evaluation = await fixture.create(job, "ab")
    assert evaluation.state is JobState.QUEUED
    assert evaluation.request.job_id == job.id
    assert (evaluation.version, evaluation.model_sha256) == (fixture.version, "ab")
    assert evaluation.samples is None
    samples = sample_evaluation(write_checkpoint(tmp_path, fixture.version), job.id)
    async with fixture.database.transaction() as connection:
        await Evaluations(connection).save_result(evaluation.id, samples)
    assert (await fixture.get(evaluation)).samples == samples


async def test_the_same_idempotency_key_returns_the_same_evaluation(
    fixture: EvaluationFixture,
) -> None:
    job, other = await fixture.add_generation(), await fixture.add_generation()
    first = await fixture.create(job, "ab", key="k")
    assert await fixture.create(job, "cd", key="k") == first
    with pytest.raises(IdempotencyMismatch):
        await fixture.create(other, "ab", key="k")


async def test_evaluations_are_listed_newest_first_and_only_for_their_owner(
    fixture: EvaluationFixture,
) -> None:
    job = await fixture.add_generation()
    created = [await fixture.create(job, "ab") for _ in range(3)]
    other = EvaluationFixture(fixture.database, fixture.version)
    async with fixture.database.transaction() as connection:
        evaluations = Evaluations(connection)
        page = await evaluations.page(fixture.owner, before=None, limit=2)
        assert page == created[:0:-1]
        rest = await evaluations.page(fixture.owner, before=page[-1].id, limit=2)
        assert rest == created[:1]
        assert await evaluations.page(other.owner, before=None, limit=9) == []
        for other_owner in (other.owner, "unknown"):
            with pytest.raises(NotFound):
                await evaluations.get(created[0].id, other_owner)


async def test_evaluations_jobs_and_trainings_are_listed_separately(
    fixture: EvaluationFixture,
) -> None:
    job = await fixture.add_generation()
    evaluation = await fixture.create(job, "ab")
    async with fixture.database.transaction() as connection:
        jobs = await GenerationJobs(connection).page(
            fixture.owner, before=None, limit=9, state=None
        )
        assert [listed.id for listed in jobs] == [job.id]
        with pytest.raises(NotFound):
            await GenerationJobs(connection).get(evaluation.id, fixture.owner)
        with pytest.raises(NotFound):
            await Evaluations(connection).get(job.id, fixture.owner)
        assert await Trainings(connection).page(fixture.owner, before=None, limit=9) == []


async def test_notes_and_weights_of_the_melodies_of_a_job_are_listed(
    fixture: EvaluationFixture,
) -> None:
    job = await fixture.add_generation(sha256="ab")
    async with fixture.database.transaction() as connection:
        melodies = Melodies(connection)
        assert await melodies.model_sha256s(job.id) == {"ab"}
        assert await melodies.model_sha256s(uuid4()) == set()
        first = await melodies.note_lists(job.id, after=-1, limit=2)
        rest = await melodies.note_lists(job.id, after=1, limit=2)
    assert [index for index, _ in first + rest] == [0, 1, 2]
    assert first[0][1] == [list(note) for note in NOTES]


async def test_a_queued_evaluation_is_cancelled_at_once_and_a_running_one_by_its_trainer(
    fixture: EvaluationFixture,
) -> None:
    job = await fixture.add_generation()
    running, queued = [await fixture.create(job, "ab") for _ in range(2)]
    claimed = await fixture.claim()
    assert claimed.job_id == running.id
    async with fixture.database.transaction() as connection:
        evaluations, trainer_jobs = Evaluations(connection), TrainerJobs(connection)
        for _ in range(2):
            assert (await evaluations.cancel(queued.id, fixture.owner)).state is JobState.CANCELLED
            state = (await evaluations.cancel(running.id, fixture.owner)).state
            assert state is JobState.CANCELLING
        assert await trainer_jobs.stop_requested(fixture.worker.id) == {claimed.shard_id}
        await trainer_jobs.release(claimed)
        assert (await evaluations.get(running.id, fixture.owner)).state is JobState.CANCELLED
        with pytest.raises(NotFound):
            await evaluations.cancel(queued.id, "another owner")


async def test_an_evaluation_that_has_ended_cannot_be_cancelled(fixture: EvaluationFixture) -> None:
    evaluation = await fixture.create(await fixture.add_generation(), "ab")
    claimed = await fixture.claim()
    async with fixture.database.transaction() as connection:
        await TrainerJobs(connection).finish(claimed, ShardState.SUCCEEDED)
        await JobStore(connection).add_results(claimed.job_id, succeeded=1)
        with pytest.raises(Conflict, match="already succeeded"):
            await Evaluations(connection).cancel(evaluation.id, fixture.owner)
