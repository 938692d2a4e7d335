"""Which crashes and errors end a job, with a real PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from ostinato.schemas.jobs import JobState
from shared.db.database import Database
from shared.db.generation_shards import ClaimedShard, GenerationShards
from shared.db.job_queue.isolation import ISOLATION_CRASHES, IsolatedClaims
from shared.db.job_queue.leases import MAX_FAILED_ATTEMPTS, delay_after
from shared.db.job_queue.results import ShardResults
from shared.worker_identity import WorkerIdentity
from tests.support.jobs import EXPIRED, MODEL, JobFixture, melody, new_worker

NEEDS_FRESH_PROCESS = ISOLATION_CRASHES + 1
_COUNTERS = text("SELECT crashes, failed_attempts FROM shards WHERE id = :shard_id")
_IS_DELAYED = text(
    "SELECT worker_id IS NULL AND state = 'running' FROM shards WHERE id = :shard_id"
)


@pytest.fixture
def fixture(database: Database) -> JobFixture:
    return JobFixture(database)


async def counters_of(fixture: JobFixture, shard: ClaimedShard) -> tuple[int, int]:
    """The crashes and the failed attempts of a shard."""
    async with fixture.database.connection() as connection:
        row = (await connection.execute(_COUNTERS, {"shard_id": shard.shard_id})).one()
    return row.crashes, row.failed_attempts


async def test_no_number_of_crashes_without_a_canary_ends_a_job(fixture: JobFixture) -> None:
    job = await fixture.create(2)
    for number in range(8):
        isolated = number >= ISOLATION_CRASHES
        shard = await fixture.claim(lease_duration=EXPIRED, isolated=isolated)
        assert shard.is_isolated == isolated
        await fixture.crash(shard)
    assert await counters_of(fixture, shard) == (8, 0)
    assert await fixture.try_claim() is None
    assert await fixture.finish(await fixture.claim(isolated=True))
    assert (await fixture.get(job.id)).state is JobState.SUCCEEDED


async def test_three_crashes_alone_after_a_canary_are_poison(fixture: JobFixture) -> None:
    job = await fixture.create(2)
    await fixture.isolate(crashes=NEEDS_FRESH_PROCESS)
    for number in range(1, MAX_FAILED_ATTEMPTS + 1):
        assert (await fixture.get(job.id)).state is not JobState.FAILED
        shard = await fixture.claim(lease_duration=EXPIRED, isolated=True, after_canary=True)
        await fixture.crash(shard)
        assert await counters_of(fixture, shard) == (NEEDS_FRESH_PROCESS, number)
    done = await fixture.get(job.id)
    assert (done.state, done.failed) == (JobState.FAILED, 2)
    assert done.error is not None
    assert done.error.code == "poison"
    assert "ended 3 processes, although it ran alone" in done.error.detail
    await fixture.check_counters()


async def test_a_canary_proves_only_the_first_claim_of_its_process(fixture: JobFixture) -> None:
    """Then the process is not fresh any more."""
    for _ in range(2):
        await fixture.create()
    await fixture.isolate()
    worker = new_worker(EXPIRED)
    await fixture.complete_canary(worker)
    crashed = []
    for _ in range(2):
        shard = await fixture.try_claim_isolated(worker)
        assert shard is not None
        await fixture.reap(shard)
        crashed.append(await counters_of(fixture, shard))
    assert crashed == [(2, 1), (3, 0)]


async def test_a_canary_of_another_model_proves_nothing(fixture: JobFixture) -> None:
    await fixture.create()
    await fixture.isolate()
    worker = new_worker(EXPIRED)
    await fixture.complete_canary(worker, "other")
    shard = await fixture.try_claim_isolated(worker)
    assert shard is not None
    await fixture.reap(shard)
    assert await counters_of(fixture, shard) == (3, 0)


async def test_a_claim_by_an_older_release_never_counts(fixture: JobFixture) -> None:
    """It claims isolated shards without canaries, and does not know of `isolated_attempt`."""
    await fixture.create()
    await fixture.isolate()
    shard = await fixture.claim(lease_duration=EXPIRED, isolated=True, after_canary=True)
    await fixture.crash(shard)
    claim = text(
        "UPDATE shards SET state = 'running', attempt = 2, worker_id = gen_random_uuid(),"
        " lease_expires_at = now() - interval '1 s' WHERE id = :shard_id"
    )
    async with fixture.database.connection() as connection:
        await connection.execute(claim, {"shard_id": shard.shard_id})
    await fixture.reap(replace(shard, attempt=2))
    assert await counters_of(fixture, shard) == (3, 1)


async def test_a_melody_that_an_isolated_shard_finishes_clears_its_failed_attempts(
    fixture: JobFixture,
) -> None:
    job = await fixture.create(4)
    await fixture.isolate()
    for index in range(4):
        shard = await fixture.claim(lease_duration=EXPIRED, isolated=True, after_canary=True)
        await fixture.crash(shard)
        assert await counters_of(fixture, shard) == (2, 1)
        shard = await fixture.claim(isolated=True, after_canary=True)
        end = ShardResults(shard=shard, melodies=[melody(shard, index)], has_ended=index == 3)
        assert await fixture.commit(end)
        assert await counters_of(fixture, shard) == (2, 0)
        if index < 3:
            async with fixture.database.transaction() as connection:
                await GenerationShards(connection).release(shard)
    assert (await fixture.get(job.id)).state is JobState.SUCCEEDED


def test_delays_grow() -> None:
    delays = [delay_after(number).total_seconds() for number in range(2, 11)]
    assert delays == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


async def test_no_process_holds_the_shard_during_the_delay(fixture: JobFixture) -> None:
    await fixture.create()
    await fixture.crash(await fixture.claim(lease_duration=EXPIRED))
    shard = await fixture.claim(lease_duration=EXPIRED)
    await fixture.reap(shard)
    async with fixture.database.connection() as connection:
        assert await connection.scalar(_IS_DELAYED, {"shard_id": shard.shard_id})
    assert await fixture.try_claim() is None
    assert await fixture.try_claim_isolated(new_worker()) is None
    await fixture.crash(shard)
    assert await counters_of(fixture, shard) == (2, 0)
    assert await fixture.try_claim_isolated(new_worker()) is not None


async def test_a_job_can_be_cancelled_during_the_delay(fixture: JobFixture) -> None:
    job = await fixture.create(2)
    await fixture.isolate()
    shard = await fixture.claim(lease_duration=EXPIRED, isolated=True)
    await fixture.reap(shard)
    await fixture.cancel(job.id)
    await fixture.crash(shard)
    done = await fixture.get(job.id)
    assert (done.state, done.cancelled) == (JobState.CANCELLED, 2)
    await fixture.check_counters()


async def test_a_failed_attempt_is_counted_and_the_shard_stays_among_the_others(
    fixture: JobFixture,
) -> None:
    job = await fixture.create()
    for number in range(1, MAX_FAILED_ATTEMPTS + 1):
        shard = await fixture.claim()
        async with fixture.database.transaction() as connection:
            await GenerationShards(connection).report_failed_attempt(shard, "bad token")
        assert await counters_of(fixture, shard) == (0, number)
    error = (await fixture.get(job.id)).error
    assert error is not None
    assert (error.code, error.detail) == (
        "poison",
        "A part of the job failed 3 times by itself: bad token.",
    )


async def reserve(fixture: JobFixture, worker: WorkerIdentity, **options: int) -> int | None:
    """Reserve an isolated shard; returns its crashes, or None."""
    async with fixture.database.connection() as connection:
        claims = IsolatedClaims(connection, worker)
        reservation = await claims.reserve([fixture.queue], [MODEL], **options)
    return None if reservation is None else reservation.crashes


async def test_an_isolated_shard_is_reserved_for_one_worker_until_it_cancels(
    fixture: JobFixture,
) -> None:
    await fixture.create()
    await fixture.isolate()
    first, second = new_worker(), new_worker()
    async with fixture.database.connection() as connection:
        claims = IsolatedClaims(connection, first)
        reservation = await claims.reserve([fixture.queue], [MODEL])
        assert reservation is not None
        assert await claims.reserve([fixture.queue], [MODEL]) == reservation
        assert await reserve(fixture, second) is None
        assert await IsolatedClaims(connection, second).reserve_shard(reservation.shard_id) is None
        await IsolatedClaims(connection, second).cancel(reservation)
        assert await reserve(fixture, second) is None
        await claims.cancel(reservation)
        handed_over = await IsolatedClaims(connection, second).reserve_shard(reservation.shard_id)
        assert handed_over == reservation
    shard = await fixture.try_claim_isolated(second)
    assert shard is not None
    assert shard.is_isolated


async def test_a_shard_that_needs_a_fresh_process_can_be_left_out(fixture: JobFixture) -> None:
    await fixture.create()
    await fixture.isolate(crashes=NEEDS_FRESH_PROCESS)
    await fixture.create()
    async with fixture.database.connection() as connection:
        await connection.execute(
            text("UPDATE shards SET crashes = 2 WHERE queue = :queue AND crashes = 0"),
            {"queue": fixture.queue},
        )
    assert await reserve(fixture, new_worker(), max_crashes=ISOLATION_CRASHES) == 2
    assert await reserve(fixture, new_worker(), max_crashes=ISOLATION_CRASHES) is None
    assert await reserve(fixture, new_worker(timedelta(seconds=60))) == NEEDS_FRESH_PROCESS


async def test_a_worker_keeps_its_reservation_and_leaves_other_shards_to_other_workers(
    fixture: JobFixture,
) -> None:
    for _ in range(3):
        await fixture.create()
    await fixture.isolate()
    async with fixture.database.connection() as connection:
        reserved = [
            {
                await IsolatedClaims(connection, worker).reserve([fixture.queue], [MODEL])
                for _ in range(3)
            }
            for worker in [new_worker(), new_worker()]
        ]
    first, second = [list(of_worker) for of_worker in reserved]
    assert (len(first), len(second)) == (1, 1)
    assert None not in first + second
    assert first != second
