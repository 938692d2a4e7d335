"""Trainings in the real PostgreSQL: claimed once, paused, resumed, drawn under a fencing token."""

from uuid import uuid4

import pytest

from ostinato.schemas.events import JobEvent, PointEvent
from ostinato.schemas.jobs import JobState, Kind
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.job_store import Ledger
from shared.db.jobs import Jobs
from shared.db.trainer_jobs import Errands
from shared.db.trainings import Trainings
from shared.errors import Conflict, IdempotencyMismatch, NotFound
from shared.outbox_publisher import Publisher
from tests.lessons import Class, point
from tests.orders import ENDED


@pytest.fixture
def lesson(database: Database) -> Class:
    return Class(database)


async def test_a_training_is_claimed_once_and_ends(lesson: Class) -> None:
    training = await lesson.accept()
    assert training.state is JobState.QUEUED
    shard_id, attempt = (await lesson.waiting())[0]
    errand = await lesson.claim()
    assert await lesson.try_claim(shard_id, attempt) is None
    assert (await lesson.get(training)).state is JobState.RUNNING
    assert errand.request["version"] == training.request.version
    assert await lesson.finish(errand)
    assert not await lesson.finish(errand)
    done = await lesson.get(training)
    assert (done.state, done.is_terminal) == (JobState.SUCCEEDED, True)


async def test_an_errand_is_claimed_from_its_own_queue_only(lesson: Class) -> None:
    await lesson.accept()
    [waiting] = await lesson.waiting()
    other = Class(lesson.database)
    assert await other.try_claim(*waiting) is None
    assert await other.try_claim(uuid4(), 0) is None


async def test_trainings_and_jobs_do_not_see_each_other(lesson: Class) -> None:
    training = await lesson.accept()
    async with lesson.database.transaction() as connection:
        jobs = Jobs(connection)
        with pytest.raises(NotFound):
            await jobs.get(training.id, lesson.owner)
        assert await jobs.page(lesson.owner, before=None, limit=9, state=None) == []
        assert await jobs.unfinished_melodies(lesson.owner) == 0
        assert await Ledger(connection).unfinished(lesson.owner, Kind.TRAINING) == 1


async def test_the_same_key_gives_the_same_training(lesson: Class) -> None:
    first = await lesson.accept("v-once", key="k")
    assert await lesson.accept("v-once", key="k") == first
    with pytest.raises(IdempotencyMismatch):
        await lesson.accept("v-other", key="k")
    await lesson.cancel(first)


async def test_a_version_is_made_by_one_training_until_it_has_failed(lesson: Class) -> None:
    version, other = f"v-{uuid4()}", Class(lesson.database)
    first = await lesson.accept(version)
    with pytest.raises(Conflict, match="another training makes"):
        await other.accept(version)
    await lesson.cancel(first)
    second = await other.accept(version)
    await other.finish(await other.claim())
    assert (await other.get(second)).state is JobState.SUCCEEDED
    with pytest.raises(Conflict):
        await lesson.accept(version)


async def test_pages_are_newest_first_and_show_last_and_best_points(lesson: Class) -> None:
    older, newer = await lesson.accept(), await lesson.accept()
    errand = await lesson.claim()
    assert errand.job_id == older.id
    await lesson.draw(errand, point(1, 5.0), point(2, 3.0), point(3, 4.0))
    async with lesson.database.transaction() as connection:
        trainings = Trainings(connection)
        first = await trainings.page(lesson.owner, before=None, limit=1)
        second = await trainings.page(lesson.owner, before=newer.id, limit=9)
    assert (first[0].id, first[0].latest, first[0].best) == (newer.id, None, None)
    assert [training.id for training in second] == [older.id]
    assert (second[0].latest, second[0].best) == (point(3, 4.0), point(2, 3.0))


async def test_a_queued_training_that_pauses_is_claimed_by_nobody(lesson: Class) -> None:
    training = await lesson.accept()
    [waiting] = await lesson.waiting()
    assert (await lesson.pause(training)).state is JobState.PAUSED
    assert await lesson.waiting() == []
    assert await lesson.try_claim(*waiting) is None
    assert (await lesson.resume(training)).state is JobState.QUEUED
    assert await lesson.try_claim(*waiting) is not None


async def test_a_running_training_that_pauses_is_let_go_and_claimed_again(lesson: Class) -> None:
    training = await lesson.accept()
    errand = await lesson.claim()
    started = (await lesson.get(training)).started_at
    assert await lesson.to_stop() == set()
    await lesson.pause(training)
    assert await lesson.to_stop() == {errand.shard_id}
    await lesson.release(errand)
    assert await lesson.waiting() == []
    await lesson.resume(training)
    again = await lesson.claim()
    assert (again.attempt, again.crashes) == (errand.attempt + 1, 0)
    assert (await lesson.get(training)).started_at == started


async def test_resumed_before_its_trainer_has_let_go_it_is_running(lesson: Class) -> None:
    training = await lesson.accept()
    errand = await lesson.claim()
    await lesson.pause(training)
    assert (await lesson.resume(training)).state is JobState.RUNNING
    assert await lesson.to_stop() == set()
    assert await lesson.finish(errand)


async def test_a_training_that_was_over_before_it_could_pause_has_succeeded(lesson: Class) -> None:
    training = await lesson.accept()
    errand = await lesson.claim()
    await lesson.pause(training)
    assert await lesson.finish(errand)
    assert (await lesson.get(training)).state is JobState.SUCCEEDED


@pytest.mark.parametrize("is_let_go", [False, True])
async def test_a_paused_training_can_be_cancelled(lesson: Class, *, is_let_go: bool) -> None:
    training = await lesson.accept()
    errand = await lesson.claim()
    await lesson.pause(training)
    if is_let_go:
        await lesson.release(errand)
    cancelled = await lesson.cancel(training)
    if not is_let_go:
        assert cancelled.state is JobState.CANCELLING
        assert await lesson.to_stop() == {errand.shard_id}
        await lesson.release(errand)
    assert (await lesson.get(training)).state is JobState.CANCELLED
    for told in (lesson.pause, lesson.resume):
        with pytest.raises(Conflict, match="nothing to"):
            await told(training)


async def test_a_paused_training_whose_trainer_fell_silent_waits_on(lesson: Class) -> None:
    training = await lesson.accept()
    errand = await lesson.claim(lease=ENDED)
    await lesson.pause(training)
    await lesson.reap(errand)
    assert (await lesson.get(training)).state is JobState.PAUSED
    await lesson.resume(training)
    assert (await lesson.claim()).crashes == 1


async def test_points_are_kept_once_and_only_under_the_present_claim(lesson: Class) -> None:
    training = await lesson.accept()
    old = await lesson.claim(lease=ENDED)
    assert await lesson.draw(old, point(1), point(2))
    await lesson.reap(old)
    new = await lesson.claim()
    assert not await lesson.draw(old, point(9))
    assert await lesson.draw(new, point(1), point(2), point(3))
    async with lesson.database.transaction() as connection:
        trainings = Trainings(connection)
        assert await trainings.curve(training.id, after=0, limit=9) == [*map(point, (1, 2, 3))]
        assert await trainings.curve(training.id, after=1, limit=1) == [point(2)]


async def test_a_curve_of_any_length_is_drawn_at_once(lesson: Class) -> None:
    """A statement takes 32,767 arguments; a point, seven."""
    training = await lesson.accept()
    curve = [point(step) for step in range(1, 5001)]
    assert await lesson.draw(await lesson.claim(), *curve)
    async with lesson.database.transaction() as connection:
        assert await Trainings(connection).curve(training.id, after=0, limit=9999) == curve


async def test_whoever_gets_further_does_not_become_a_suspect(lesson: Class) -> None:
    await lesson.accept()
    for step in range(1, 7):
        errand = await lesson.claim(lease=ENDED)
        assert errand.crashes <= 1
        assert await lesson.draw(errand, point(step))
        await lesson.reap(errand)


async def test_whoever_gets_nowhere_three_times_has_failed(lesson: Class) -> None:
    training = await lesson.accept()
    for _ in range(3):
        await lesson.reap(await lesson.claim(lease=ENDED))
    done = await lesson.get(training)
    assert done.error is not None
    assert (done.state, done.error.code) == (JobState.FAILED, "poison")


async def test_every_pause_and_every_point_is_told_once(
    lesson: Class, publisher: Publisher, streams: EventStreams
) -> None:
    training = await lesson.accept()
    for step in (1, 2):
        errand = await lesson.claim()
        await lesson.draw(errand, point(1), point(step))
        await lesson.pause(training)
        await lesson.release(errand)
        await lesson.resume(training)
    await lesson.finish(await lesson.claim())
    await publisher.publish(training.id)
    events = await streams.read(training.id, 0)
    states = [event.state for event in events if isinstance(event, JobEvent)]
    cycle = [JobState.QUEUED, JobState.RUNNING]
    assert states == [*[*cycle, JobState.PAUSED] * 2, *cycle, JobState.SUCCEEDED]
    points = [event.point for event in events if isinstance(event, PointEvent)]
    assert points == [point(1), point(2)]


async def test_what_has_ended_is_told_apart(lesson: Class) -> None:
    going, over = await lesson.accept(), await lesson.accept()
    await lesson.cancel(over)
    async with lesson.database.transaction() as connection:
        assert await Errands(connection).ended({going.id, over.id, uuid4()}) == {over.id}
        assert await Errands(connection).ended(set()) == set()
