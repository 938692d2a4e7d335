"""Evaluations in the real PostgreSQL: accepted once, their owner's, kept with what came of them."""

from pathlib import Path
from uuid import uuid4

import pytest

from ostinato.schemas.jobs import JobState
from shared.db.database import Database
from shared.db.evaluations import Evaluations
from shared.db.jobs import Jobs
from shared.db.melodies import Melodies
from shared.db.trainings import Trainings
from shared.errors import IdempotencyMismatch, NotFound
from tests.gallery import NOTES, Gallery, hang, samples_of


@pytest.fixture
def gallery(database: Database) -> Gallery:
    return Gallery(database, f"v-{uuid4()}")


async def test_an_evaluation_names_the_weights_and_keeps_what_came_of_it(
    gallery: Gallery, tmp_path: Path
) -> None:
    job = await gallery.generate()
    evaluation = await gallery.accept(job, "ab")
    assert evaluation.state is JobState.QUEUED
    assert evaluation.request.job_id == job.id
    assert (evaluation.version, evaluation.model_sha256) == (gallery.version, "ab")
    assert evaluation.samples is None
    samples = samples_of(hang(tmp_path, gallery.version), job.id)
    async with gallery.database.transaction() as connection:
        await Evaluations(connection).keep(evaluation.id, samples)
    assert (await gallery.get(evaluation)).samples == samples


async def test_the_same_key_gives_the_same_evaluation(gallery: Gallery) -> None:
    job, other = await gallery.generate(), await gallery.generate()
    first = await gallery.accept(job, "ab", key="k")
    assert await gallery.accept(job, "cd", key="k") == first
    with pytest.raises(IdempotencyMismatch):
        await gallery.accept(other, "ab", key="k")


async def test_they_are_listed_newest_first_and_for_their_owner_alone(gallery: Gallery) -> None:
    job = await gallery.generate()
    mine = [await gallery.accept(job, "ab") for _ in range(3)]
    stranger = Gallery(gallery.database, gallery.version)
    async with gallery.database.transaction() as connection:
        evaluations = Evaluations(connection)
        page = await evaluations.page(gallery.owner, before=None, limit=2)
        assert page == mine[:0:-1]
        rest = await evaluations.page(gallery.owner, before=page[-1].id, limit=2)
        assert rest == mine[:1]
        assert await evaluations.page(stranger.owner, before=None, limit=9) == []
        for stranger_to_it in (stranger.owner, "nobody"):
            with pytest.raises(NotFound):
                await evaluations.get(mine[0].id, stranger_to_it)


async def test_evaluations_jobs_and_trainings_do_not_see_each_other(gallery: Gallery) -> None:
    job = await gallery.generate()
    evaluation = await gallery.accept(job, "ab")
    async with gallery.database.transaction() as connection:
        jobs = await Jobs(connection).page(gallery.owner, before=None, limit=9, state=None)
        assert [each.id for each in jobs] == [job.id]
        with pytest.raises(NotFound):
            await Jobs(connection).get(evaluation.id, gallery.owner)
        with pytest.raises(NotFound):
            await Evaluations(connection).get(job.id, gallery.owner)
        assert await Trainings(connection).page(gallery.owner, before=None, limit=9) == []


async def test_the_pieces_of_a_job_come_in_order_with_the_weights_that_made_them(
    gallery: Gallery,
) -> None:
    job = await gallery.generate(sha256="ab")
    async with gallery.database.transaction() as connection:
        melodies = Melodies(connection)
        assert await melodies.weights_of(job.id) == {"ab"}
        assert await melodies.weights_of(uuid4()) == set()
        first = await melodies.pieces_of_job(job.id, after=-1, limit=2)
        rest = await melodies.pieces_of_job(job.id, after=1, limit=2)
    assert [index for index, _ in first + rest] == [0, 1, 2]
    assert first[0][1] == [list(note) for note in NOTES]
