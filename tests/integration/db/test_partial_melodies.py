"""What is stored of melodies that were interrupted: listed as partial, counted as cancelled."""

from dataclasses import replace

import pytest

from ostinato.schemas.events import JobEvent, MelodyEvent
from ostinato.schemas.jobs import GenerationJob, JobState
from shared.broker.streams import EventStreams
from shared.db.database import Database
from shared.db.generation_shards import ClaimedShard
from shared.db.job_queue.job_store import JobStore
from shared.db.job_queue.results import ShardResults, commit_results
from shared.db.melodies import Melodies
from shared.outbox_publisher import OutboxPublisher
from tests.support.jobs import JobFixture, melody


@pytest.fixture
def fixture(database: Database) -> JobFixture:
    return JobFixture(database)


def end_of(shard: ClaimedShard) -> ShardResults:
    """The end of a cancelled shard of three: one is finished, one has complete bars."""
    return ShardResults(
        shard=shard,
        melodies=[melody(shard, 0)],
        partial=[replace(melody(shard, 1), partial=True)],
        num_cancelled=2,
        streamed=True,
        has_ended=True,
    )


async def cancelled_job(fixture: JobFixture) -> tuple[GenerationJob, ClaimedShard]:
    job = await fixture.create(3)
    shard = await fixture.claim()
    await fixture.cancel(job.id)
    return job, shard


async def test_complete_bars_are_kept_and_do_not_count_as_succeeded(fixture: JobFixture) -> None:
    job, shard = await cancelled_job(fixture)
    assert await fixture.commit(end_of(shard))
    done = await fixture.get(job.id)
    assert (done.state, done.succeeded, done.cancelled) == (JobState.CANCELLED, 1, 2)
    assert done.cancel_seconds is not None
    async with fixture.database.transaction() as connection:
        melodies = Melodies(connection)
        listed = await melodies.list_by_job(job.id, after=-1, limit=9)
        page = await melodies.page(fixture.owner, before=None, limit=9)
        files = await melodies.midi_files(job.id, after=-1, limit=9)
        evaluated = await melodies.note_lists(job.id, after=-1, limit=9)
        one = await melodies.get(listed[1].id, fixture.owner)
    assert [(it.index, it.partial) for it in listed] == [(0, False), (1, True)]
    assert {(it.index, it.partial) for it in page.items} == {(0, False), (1, True)}
    assert [file.index for file in files] == [0], "an archive has whole melodies only"
    assert [index for index, _ in evaluated] == [0]
    assert one.partial
    await fixture.check_counters()


async def test_a_repeated_commit_stores_them_once(fixture: JobFixture) -> None:
    job, shard = await cancelled_job(fixture)
    first = ShardResults(shard=shard, partial=[replace(melody(shard, 1), partial=True)])
    for results, is_repetition in ((first, False), (first, True), (end_of(shard), True)):
        async with fixture.database.transaction() as connection:
            lost = await commit_results(connection, [results], is_repetition=is_repetition)
        assert lost == set()
    done = await fixture.get(job.id)
    assert (done.succeeded, done.cancelled) == (1, 2)


async def test_the_event_says_that_it_is_partial(
    fixture: JobFixture, publisher: OutboxPublisher, streams: EventStreams
) -> None:
    job, shard = await cancelled_job(fixture)
    await fixture.commit(end_of(shard))
    await publisher.publish([job.id])
    *_, whole, partial, end = [
        event
        for event in await streams.read(job.id, 0)
        if isinstance(event, (MelodyEvent, JobEvent))
    ]
    assert isinstance(whole, MelodyEvent)
    assert isinstance(partial, MelodyEvent)
    assert isinstance(end, JobEvent)
    assert [(it.melody, it.partial) for it in (whole, partial)] == [(0, False), (1, True)]
    assert end.state is JobState.CANCELLED


async def test_a_job_that_is_paused_and_then_cancelled_keeps_its_melodies(
    fixture: JobFixture,
) -> None:
    job = await fixture.create(2)
    shard = await fixture.claim()
    async with fixture.database.transaction() as connection:
        await JobStore(connection).pause(job.id)
    await fixture.commit(ShardResults(shard=shard, melodies=[melody(shard, 0)]))
    assert (await fixture.get(job.id)).succeeded == 1
    await fixture.cancel(job.id)
    assert await fixture.commit(ShardResults(shard=shard, num_cancelled=1, has_ended=True))
    done = await fixture.get(job.id)
    assert (done.state, done.succeeded, done.cancelled) == (JobState.CANCELLED, 1, 1)
    async with fixture.database.transaction() as connection:
        kept = await Melodies(connection).list_by_job(job.id, after=-1, limit=9)
    assert [it.index for it in kept] == [0]
