"""Fairness between owners with a real PostgreSQL: the order of claims."""

import pytest

from ostinato.schemas.jobs import JobState
from shared.db.database import Database
from shared.db.job_queue.job_store import JobStore
from tests.support.jobs import JobFixture


@pytest.fixture
def fixture(database: Database) -> JobFixture:
    return JobFixture(database)


def other_owner(fixture: JobFixture) -> JobFixture:
    return JobFixture(fixture.database, fixture.queue)


async def owners_in_order(fixture: JobFixture, count: int) -> list[str]:
    """The owners of the next shards, claimed one by one."""
    return [(await fixture.claim()).owner for _ in range(count)]


async def test_a_new_owner_does_not_wait_behind_the_queue_of_another(fixture: JobFixture) -> None:
    await fixture.create(10 * 64)
    await owners_in_order(fixture, 3)
    other = other_owner(fixture)
    await other.create(1)
    assert other.owner in await owners_in_order(fixture, 2)


async def test_owners_take_turns_however_much_each_has_queued(fixture: JobFixture) -> None:
    await fixture.create(20 * 64)
    other = other_owner(fixture)
    await other.create(3 * 64)
    owners = await owners_in_order(fixture, 6)
    assert owners.count(other.owner) == 3


async def test_shares_are_of_work_and_not_of_shards(fixture: JobFixture) -> None:
    """One owner has melodies of 64 bars, the other of 8: it gets eight times as many."""
    long = fixture.new_job(10 * 64, bars=64)
    async with fixture.database.transaction() as connection:
        await JobStore(connection).insert(long)
    other = other_owner(fixture)
    await other.create(20 * 64)
    owners = await owners_in_order(fixture, 18)
    assert 15 <= owners.count(other.owner) <= 17


async def test_an_owner_does_not_pay_for_cancelled_work(fixture: JobFixture) -> None:
    other = other_owner(fixture)
    await other.create(20 * 64)
    cancelled = await fixture.create(100 * 64)
    await fixture.cancel(cancelled.id)
    await fixture.create(1)
    assert fixture.owner in await owners_in_order(fixture, 2)


async def test_an_idle_owner_saves_no_turns(fixture: JobFixture) -> None:
    await fixture.create(20 * 64)
    await owners_in_order(fixture, 10)
    other = other_owner(fixture)
    await other.create(20 * 64)
    owners = await owners_in_order(fixture, 6)
    assert 2 <= owners.count(other.owner) <= 4


async def test_paused_shards_are_not_claimed_and_resume_behind_the_queued_ones(
    fixture: JobFixture,
) -> None:
    paused = await fixture.create(3 * 64)
    async with fixture.database.transaction() as connection:
        await JobStore(connection).pause(paused.id)
    assert await fixture.try_claim() is None
    queued = await fixture.create(64)
    async with fixture.database.transaction() as connection:
        await JobStore(connection).resume(paused.id)
    shards = [await fixture.claim() for _ in range(4)]
    assert [shard.job_id for shard in shards] == [queued.id, *[paused.id] * 3]
    assert [shard.items[0].index for shard in shards] == [0, 0, 64, 128]
    assert (await fixture.get(paused.id)).state is JobState.RUNNING
    await fixture.check_counters()


async def test_one_claim_takes_shards_up_to_the_capacity(fixture: JobFixture) -> None:
    for _ in range(5):
        await fixture.create(2)
    assert len(await fixture.claim_many(5)) == 3
    assert len(await fixture.claim_many(100)) == 2


async def test_a_claim_prefers_owners_without_melodies_in_the_worker(fixture: JobFixture) -> None:
    other = other_owner(fixture)
    for _ in range(4):
        await fixture.create(1)
    for _ in range(4):
        await other.create(1)
    claimed = await fixture.claim_many(3, held_items={fixture.owner: 8})
    assert [shard.owner for shard in claimed] == [other.owner] * 3


async def test_an_owner_at_its_limit_leaves_the_capacity_to_others(fixture: JobFixture) -> None:
    other = other_owner(fixture)
    for _ in range(4):
        await fixture.create(1)
    await other.create(1)
    limits = {"held_items": {fixture.owner: 2}, "max_items_per_owner": 3}
    claimed = await fixture.claim_many(10, **limits)  # type: ignore[arg-type]  # two keyword arguments
    assert sorted(shard.owner for shard in claimed) == sorted([fixture.owner, other.owner])


async def test_a_new_owner_is_found_behind_the_shards_of_an_owner_at_its_limit(
    fixture: JobFixture,
) -> None:
    other, new = other_owner(fixture), other_owner(fixture)
    for _ in range(20):
        await fixture.create(1)
    for _ in range(15):
        await other.create(1)

    async def claim_owners(max_items: int) -> list[str]:
        """The owners of claimed shards."""
        claimed = await fixture.claim_many(
            max_items, held_items={fixture.owner: 3}, max_items_per_owner=3
        )
        return [shard.owner for shard in claimed]

    while await claim_owners(100):
        pass
    await new.create(1)
    assert await claim_owners(1) == [new.owner]


async def test_the_queue_position_is_the_number_of_claims_before(fixture: JobFixture) -> None:
    await fixture.create(3 * 64)
    other = other_owner(fixture)
    job = await other.create(1)
    last = await fixture.create(1)
    assert (await fixture.get(last.id)).queue_position == 4
    position = (await other.get(job.id)).queue_position
    assert position is not None
    shards = [await fixture.claim() for _ in range(position + 1)]
    assert shards[-1].job_id == job.id
