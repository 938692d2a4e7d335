"""The repository of evaluations with a real PostgreSQL."""

from pathlib import Path
from uuid import uuid4

import pytest

from ostinato.schemas.jobs import JobState
from shared.db.database import Database
from shared.db.evaluations import Evaluations
from shared.db.generation_jobs import GenerationJobs
from shared.db.melodies import Melodies
from shared.db.trainings import Trainings
from shared.errors import IdempotencyMismatch, NotFound
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
