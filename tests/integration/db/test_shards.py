"""Shards in the real PostgreSQL: claimed once, kept by a lease, finished under a fencing token."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from ostinato.schemas.jobs import JobState
from shared.db.database import Database
from shared.db.generation_shards import Shards
from tests.orders import ENDED, LEASE, MODEL, Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def test_of_many_who_claim_at_once_one_gets_it(desk: Desk) -> None:
    await desk.accept()
    shard_id, attempt = (await desk.waiting())[0]
    claims = await asyncio.gather(*(desk.try_claim(shard_id, attempt) for _ in range(8)))
    assert sum(claim is not None for claim in claims) == 1


async def test_a_stale_or_unknown_hint_claims_nothing(desk: Desk) -> None:
    await desk.accept()
    claim = await desk.claim(lease=ENDED)
    await desk.reap(claim)
    assert await desk.try_claim(claim.shard_id, 0) is None
    assert await desk.try_claim(uuid4(), 0) is None
    assert await desk.try_claim(claim.shard_id, claim.attempt) is not None


async def test_a_shard_whose_lease_holds_is_not_reaped(desk: Desk) -> None:
    await desk.accept()
    claim = await desk.claim()
    await desk.reap(claim)
    assert await desk.finish(claim)


async def test_who_comes_back_after_the_lease_changes_nothing(desk: Desk) -> None:
    job = await desk.accept(3)
    old = await desk.claim(lease=ENDED)
    await desk.reap(old)
    new = await desk.claim()
    assert not await desk.finish(old)
    assert await desk.finish(new)
    assert not await desk.finish(new)
    assert (await desk.job(job.id)).succeeded == 3


async def test_the_reaper_sees_ended_leases(desk: Desk) -> None:
    await desk.accept()
    claim = await desk.claim(lease=ENDED)
    async with desk.database.transaction() as connection:
        expired = await Shards(connection).expired()
    assert (claim.job_id, claim.shard_id, claim.attempt) in expired


async def test_after_two_crashes_a_shard_runs_alone_and_after_the_third_it_fails(
    desk: Desk,
) -> None:
    job = await desk.accept(2)
    for _ in range(2):
        claim = await desk.claim(lease=ENDED)
        assert not claim.alone
        await desk.reap(claim)
    assert await desk.waiting(alone=False) == []
    shard_id, attempt = (await desk.waiting(alone=True))[0]
    assert await desk.try_claim(shard_id, attempt, alone=False) is None
    last = await desk.claim(lease=ENDED, alone=True)
    assert last.alone
    await desk.reap(last)
    done = await desk.job(job.id)
    assert (done.state, done.failed) == (JobState.FAILED, 2)
    assert done.error is not None
    assert done.error.code == "poison"


async def test_some_melodies_and_some_failures_make_a_partial_job(desk: Desk) -> None:
    job = await desk.accept(65)
    first, second = await desk.claim(), await desk.claim(lease=ENDED)
    await desk.finish(first)
    await desk.reap(second)
    for _ in range(2):
        await desk.reap(await desk.claim(lease=ENDED, alone=True))
    done = await desk.job(job.id)
    assert (done.state, done.succeeded, done.failed) == (JobState.PARTIAL, 64, 1)


async def test_a_crash_in_our_own_hands_counts(desk: Desk) -> None:
    await desk.accept()
    claim = await desk.claim()
    async with desk.database.transaction() as connection:
        await Shards(connection).crash(claim, "it broke")
    assert (await desk.claim()).crashes == 1


async def test_a_released_shard_counts_no_crash(desk: Desk) -> None:
    await desk.accept()
    claim = await desk.claim()
    async with desk.database.transaction() as connection:
        await Shards(connection).release(claim)
    again = await desk.claim()
    assert (again.crashes, again.attempt) == (0, claim.attempt + 1)


@pytest.mark.parametrize("how", ["reaped", "released"])
async def test_a_shard_of_a_cancelled_job_is_not_queued_again(desk: Desk, how: str) -> None:
    job = await desk.accept(2)
    claim = await desk.claim(lease=ENDED)
    await desk.cancel(job.id)
    if how == "reaped":
        await desk.reap(claim)
    else:
        async with desk.database.transaction() as connection:
            await Shards(connection).release(claim)
    done = await desk.job(job.id)
    assert (done.state, done.cancelled) == (JobState.CANCELLED, 2)


async def test_a_heartbeat_renews_what_is_held_and_nothing_else(desk: Desk) -> None:
    await desk.accept(130)
    worker = uuid4()
    async with desk.database.transaction() as connection:
        shards = Shards(connection)
        waiting = await shards.waiting(desk.queue, [MODEL], alone=False)
        claims = [
            await shards.claim(
                shard_id, attempt, worker_id=worker, lease=LEASE, models=[MODEL], alone=False
            )
            for shard_id, attempt in waiting
        ]
        held = [claim.shard_id for claim in claims[:2] if claim]
        renewed = await shards.extend(worker, held, timedelta(seconds=90))
        foreign = await shards.extend(uuid4(), held, timedelta(seconds=90))
    assert renewed == {(shard_id, 1) for shard_id in held}
    assert foreign == set()


async def test_a_worker_hears_which_of_its_shards_are_cancelled(desk: Desk) -> None:
    job = await desk.accept()
    worker = uuid4()
    async with desk.database.transaction() as connection:
        shards = Shards(connection)
        shard_id, attempt = (await shards.waiting(desk.queue, [MODEL], alone=False))[0]
        await shards.claim(
            shard_id, attempt, worker_id=worker, lease=LEASE, models=[MODEL], alone=False
        )
        before = await shards.to_cancel(worker)
    await desk.cancel(job.id)
    async with desk.database.transaction() as connection:
        assert (before, await Shards(connection).to_cancel(worker)) == ([], [shard_id])


async def test_claims_and_cancels_at_once_end_in_a_sound_state(desk: Desk) -> None:
    """Both lock the job before its shards; the other order would be a deadlock."""
    for _ in range(5):
        job = await desk.accept(200)
        waiting = await desk.waiting()
        claims, _ = await asyncio.gather(
            asyncio.gather(*(desk.try_claim(*shard) for shard in waiting)), desk.cancel(job.id)
        )
        for claim in claims:
            if claim is not None:
                await desk.finish(claim, made=0)
        done = await desk.job(job.id)
        assert (done.state, done.cancelled) == (JobState.CANCELLED, 200)


async def test_a_shard_waits_for_a_worker_that_has_its_model(desk: Desk) -> None:
    await desk.accept()
    shard_id, attempt = (await desk.waiting())[0]
    async with desk.database.transaction() as connection:
        shards = Shards(connection)
        assert await shards.waiting(desk.queue, ["other"], alone=True) == []
        claim = await shards.claim(
            shard_id, attempt, worker_id=uuid4(), lease=LEASE, models=["other"], alone=True
        )
    assert claim is None


async def test_owners_take_turns_however_long_the_others_have_waited(desk: Desk) -> None:
    await desk.accept(200)
    late = Desk(desk.database, desk.queue)
    short = await late.accept(1)
    first = await desk.claim()
    assert first.owner == desk.owner, "nobody runs: the oldest"
    second = await desk.claim()
    assert (second.owner, second.job_id) == (late.owner, short.id)
    third = await desk.claim()
    assert third.owner == desk.owner
    await late.accept(1)
    assert await late.finish(second)
    assert (await desk.claim()).owner == late.owner


async def test_a_suspect_makes_itself_known(desk: Desk) -> None:
    await desk.accept()
    for _ in range(2):
        await desk.reap(await desk.claim(lease=ENDED))
    async with desk.database.transaction() as connection:
        assert await Shards(connection).suspect_waits([MODEL])
        assert not await Shards(connection).suspect_waits(["other"])
    await desk.reap(await desk.claim(lease=ENDED, alone=True))


async def test_cancelling_a_job_with_failures_keeps_what_is_finished(desk: Desk) -> None:
    job = await desk.accept(130)
    first, second = await desk.claim(), await desk.claim(lease=ENDED)
    await desk.reap(second)
    for _ in range(2):
        await desk.reap(await desk.claim(lease=ENDED, alone=True))
    third = await desk.claim()
    await desk.cancel(job.id)
    assert await desk.finish(third)
    assert await desk.finish(first)
    done = await desk.job(job.id)
    assert (done.state, done.succeeded, done.failed) == (JobState.CANCELLED, 66, 64)
