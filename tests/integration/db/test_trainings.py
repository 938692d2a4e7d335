"""Trainings: claim, pause, resume, cancel and metrics, with a real PostgreSQL."""

from uuid import uuid4

import pytest

from ostinato.schemas.events import JobEvent, MetricsEvent
from ostinato.schemas.jobs import JobKind, JobState
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.generation_jobs import GenerationJobs
from shared.db.job_queue.job_store import JobStore
from shared.db.trainer.trainer_jobs import TrainerJobs
from shared.db.trainer.trainings import Trainings
from shared.errors import Conflict, IdempotencyMismatch, NotFound
from shared.outbox_publisher import OutboxPublisher
from tests.support.jobs import EXPIRED
from tests.support.trainings import TrainingFixture, metrics_at


@pytest.fixture
def fixture(database: Database) -> TrainingFixture:
    return TrainingFixture(database)


async def test_a_training_is_claimed_once_and_ends(fixture: TrainingFixture) -> None:
    training = await fixture.create()
    assert training.state is JobState.QUEUED
    job = await fixture.claim()
    assert await fixture.try_claim() is None
    assert (await fixture.get(training)).state is JobState.RUNNING
    assert job.request["version"] == training.request.version
    assert await fixture.finish(job)
    assert not await fixture.finish(job)
    done = await fixture.get(training)
    assert (done.state, done.is_terminal) == (JobState.SUCCEEDED, True)


async def test_a_job_is_claimed_only_from_its_queue(fixture: TrainingFixture) -> None:
    await fixture.create()
    other = TrainingFixture(fixture.database)
    assert await other.try_claim() is None


async def test_trainings_and_jobs_are_listed_separately(fixture: TrainingFixture) -> None:
    training = await fixture.create()
    async with fixture.database.transaction() as connection:
        jobs = GenerationJobs(connection)
        with pytest.raises(NotFound):
            await jobs.get(training.id, fixture.owner)
        assert await jobs.page(fixture.owner, before=None, limit=9, state=None) == []
        assert await JobStore(connection).count_pending(fixture.owner, JobKind.TRAINING) == 1


async def test_the_same_idempotency_key_returns_the_same_training(fixture: TrainingFixture) -> None:
    first = await fixture.create("v-once", key="k")
    assert await fixture.create("v-once", key="k") == first
    with pytest.raises(IdempotencyMismatch):
        await fixture.create("v-other", key="k")
    await fixture.cancel(first)


async def test_a_version_is_reserved_by_one_training_until_it_fails(
    fixture: TrainingFixture,
) -> None:
    version, other = f"v-{uuid4()}", TrainingFixture(fixture.database)
    first = await fixture.create(version)
    with pytest.raises(Conflict, match="is in use; choose another name"):
        await other.create(version)
    await fixture.cancel(first)
    second = await other.create(version)
    await other.finish(await other.claim())
    assert (await other.get(second)).state is JobState.SUCCEEDED
    with pytest.raises(Conflict):
        await fixture.create(version)


async def test_pages_are_newest_first_with_latest_and_best_metrics(
    fixture: TrainingFixture,
) -> None:
    older, newer = await fixture.create(), await fixture.create()
    job = await fixture.claim()
    assert job.job_id == older.id
    await fixture.add_metrics(job, metrics_at(1, 5.0), metrics_at(2, 3.0), metrics_at(3, 4.0))
    async with fixture.database.transaction() as connection:
        trainings = Trainings(connection)
        first = await trainings.page(fixture.owner, before=None, limit=1)
        second = await trainings.page(fixture.owner, before=newer.id, limit=9)
    assert (first[0].id, first[0].latest, first[0].best) == (newer.id, None, None)
    assert [training.id for training in second] == [older.id]
    assert (second[0].latest, second[0].best) == (metrics_at(3, 4.0), metrics_at(2, 3.0))


async def test_a_paused_training_cannot_be_claimed(fixture: TrainingFixture) -> None:
    training = await fixture.create()
    assert (await fixture.pause(training)).state is JobState.PAUSED
    assert await fixture.try_claim() is None
    assert (await fixture.resume(training)).state is JobState.QUEUED
    assert await fixture.try_claim() is not None


async def test_a_paused_training_is_released_and_claimed_again_after_resume(
    fixture: TrainingFixture,
) -> None:
    training = await fixture.create()
    job = await fixture.claim()
    started = (await fixture.get(training)).started_at
    assert await fixture.stop_requested() == set()
    await fixture.pause(training)
    assert await fixture.stop_requested() == {job.shard_id}
    await fixture.release(job)
    assert await fixture.try_claim() is None
    await fixture.resume(training)
    again = await fixture.claim()
    assert (again.attempt, again.crashes) == (job.attempt + 1, 0)
    assert (await fixture.get(training)).started_at == started


async def test_a_training_resumed_before_its_release_is_running(fixture: TrainingFixture) -> None:
    training = await fixture.create()
    job = await fixture.claim()
    await fixture.pause(training)
    assert (await fixture.resume(training)).state is JobState.RUNNING
    assert await fixture.stop_requested() == set()
    assert await fixture.finish(job)


async def test_a_training_that_finishes_while_paused_has_succeeded(
    fixture: TrainingFixture,
) -> None:
    training = await fixture.create()
    job = await fixture.claim()
    await fixture.pause(training)
    assert await fixture.finish(job)
    assert (await fixture.get(training)).state is JobState.SUCCEEDED


@pytest.mark.parametrize("is_released", [False, True])
async def test_a_paused_training_can_be_cancelled(
    fixture: TrainingFixture, *, is_released: bool
) -> None:
    training = await fixture.create()
    job = await fixture.claim()
    await fixture.pause(training)
    if is_released:
        await fixture.release(job)
    cancelled = await fixture.cancel(training)
    if not is_released:
        assert cancelled.state is JobState.CANCELLING
        assert await fixture.stop_requested() == {job.shard_id}
        await fixture.release(job)
    assert (await fixture.get(training)).state is JobState.CANCELLED
    for method in (fixture.pause, fixture.resume):
        with pytest.raises(Conflict, match="cannot be"):
            await method(training)


async def test_a_paused_training_whose_lease_expires_stays_paused(fixture: TrainingFixture) -> None:
    training = await fixture.create()
    job = await fixture.claim(lease_duration=EXPIRED)
    await fixture.pause(training)
    await fixture.reap(job)
    assert (await fixture.get(training)).state is JobState.PAUSED
    await fixture.resume(training)
    assert (await fixture.claim()).crashes == 1


async def test_metrics_are_inserted_once_and_only_by_the_current_attempt(
    fixture: TrainingFixture,
) -> None:
    training = await fixture.create()
    stale = await fixture.claim(lease_duration=EXPIRED)
    assert await fixture.add_metrics(stale, metrics_at(1), metrics_at(2))
    await fixture.reap(stale)
    new = await fixture.claim()
    assert not await fixture.add_metrics(stale, metrics_at(9))
    assert await fixture.add_metrics(new, metrics_at(1), metrics_at(2), metrics_at(3))
    async with fixture.database.transaction() as connection:
        trainings = Trainings(connection)
        assert await trainings.metrics(training.id, after=0, limit=9) == [
            *map(metrics_at, (1, 2, 3))
        ]
        assert await trainings.metrics(training.id, after=1, limit=1) == [metrics_at(2)]


async def test_thousands_of_metrics_can_be_inserted_at_once(fixture: TrainingFixture) -> None:
    """A statement has at most 32,767 bind parameters, and a row needs seven."""
    training = await fixture.create()
    metrics = [metrics_at(step) for step in range(1, 5001)]
    assert await fixture.add_metrics(await fixture.claim(), *metrics)
    async with fixture.database.transaction() as connection:
        assert await Trainings(connection).metrics(training.id, after=0, limit=9999) == metrics


async def test_progress_resets_the_counts(fixture: TrainingFixture) -> None:
    training = await fixture.create()
    for step in range(1, 7):
        job = await fixture.claim(lease_duration=EXPIRED)
        assert job.crashes <= 1
        assert await fixture.add_metrics(job, metrics_at(step))
        await fixture.reap(job)
        await fixture.fail_attempt(await fixture.claim())
    assert (await fixture.get(training)).state is JobState.RUNNING


async def test_crashes_of_the_trainer_fail_no_training(fixture: TrainingFixture) -> None:
    training = await fixture.create()
    for _ in range(6):
        job = await fixture.claim(lease_duration=EXPIRED)
        for _ in range(2):  # the crash, and the end of the delay after it
            await fixture.reap(job)
            await fixture.end_delay(job)
    assert (await fixture.get(training)).state is JobState.RUNNING


async def test_three_failed_attempts_without_progress_fail_the_training(
    fixture: TrainingFixture,
) -> None:
    training = await fixture.create()
    for _ in range(3):
        await fixture.fail_attempt(await fixture.claim())
    done = await fixture.get(training)
    assert done.error is not None
    assert (done.state, done.error.code) == (JobState.FAILED, "poison")


async def test_every_pause_and_every_validation_is_published_once(
    fixture: TrainingFixture, publisher: OutboxPublisher, streams: EventStreams
) -> None:
    training = await fixture.create()
    for step in (1, 2):
        job = await fixture.claim()
        await fixture.add_metrics(job, metrics_at(1), metrics_at(step))
        await fixture.pause(training)
        await fixture.release(job)
        await fixture.resume(training)
    await fixture.finish(await fixture.claim())
    await publisher.publish([training.id])
    events = await streams.read(training.id, 0)
    states = [event.state for event in events if isinstance(event, JobEvent)]
    cycle = [JobState.QUEUED, JobState.RUNNING]
    assert states == [*[*cycle, JobState.PAUSED] * 2, *cycle, JobState.SUCCEEDED]
    published = [event.metrics for event in events if isinstance(event, MetricsEvent)]
    assert published == [metrics_at(1), metrics_at(2)]


async def test_terminal_lists_ended_jobs(fixture: TrainingFixture) -> None:
    running, ended = await fixture.create(), await fixture.create()
    await fixture.cancel(ended)
    async with fixture.database.transaction() as connection:
        assert await TrainerJobs(connection).terminal({running.id, ended.id, uuid4()}) == {ended.id}
        assert await TrainerJobs(connection).terminal(set()) == set()
