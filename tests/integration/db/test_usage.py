"""Usage by day: counted once with the results, read by its owner, deleted after a year."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from deploy.local.stack import Stack
from shared.db.database import Database
from shared.db.job_queue.results import ShardResults
from shared.db.operations.usage import KEPT_DAYS
from tests.support.jobs import JobFixture, melody
from tests.support.servers.gateway import gateway
from tests.support.servers.retention import retention

OLD_DAYS = text("""
    INSERT INTO usage_days (owner, day, jobs, melodies, tokens, seconds)
    SELECT :owner, (now() AT TIME ZONE 'UTC')::date - day, 1, 0, 0, 0
    FROM generate_series(1, :count) AS day
""")


async def usage(backends: Stack, owner: str, **params: int) -> list[dict[str, object]]:
    """What the API says about an owner."""
    async with gateway(backends, owner) as http:
        response = await http.get("/v1/usage", params=params)
    assert response.status_code == 200
    items: list[dict[str, object]] = response.json()["items"]
    return items


async def test_the_results_of_each_owner_are_counted_on_their_day(
    backends: Stack, database: Database
) -> None:
    jobs, others = JobFixture(database), JobFixture(database)
    for fixture, count in ((jobs, 2), (others, 1)):
        await fixture.create(count)
        shard = await fixture.claim()
        for index in range(count):  # each in a commit of its own
            has_ended = index == count - 1
            melodies = [melody(shard, index)]
            assert await fixture.commit(
                ShardResults(shard=shard, melodies=melodies, has_ended=has_ended)
            )
    await jobs.cancel((await jobs.create(5)).id)
    one = melody(shard, 0)
    [day] = await usage(backends, jobs.owner)
    assert day == {
        "day": datetime.now(UTC).date().isoformat(),
        "jobs": 2,
        "melodies": 2,
        "tokens": 2 * one.num_tokens,
        "seconds": 2 * one.generation_seconds,
    }
    assert [day["melodies"] for day in await usage(backends, others.owner)] == [1]


async def test_a_request_gets_as_many_days_as_it_asks_for(
    backends: Stack, database: Database
) -> None:
    owner = JobFixture(database).owner
    async with database.connection() as connection:
        await connection.execute(OLD_DAYS, {"owner": owner, "count": 40})
    days = [str(day["day"]) for day in await usage(backends, owner, days=3)]
    today = datetime.now(UTC).date()
    assert days == [(today - timedelta(days=age)).isoformat() for age in (1, 2)]
    assert len(await usage(backends, owner)) == 30


async def test_old_days_are_deleted(backends: Stack, database: Database) -> None:
    owner = JobFixture(database).owner
    async with database.connection() as connection:
        await connection.execute(OLD_DAYS, {"owner": owner, "count": KEPT_DAYS + 5})
    await retention(database).step()
    async with database.connection() as connection:
        left = text("SELECT count(*) FROM usage_days WHERE owner = :owner")
        assert await connection.scalar(left, {"owner": owner}) == KEPT_DAYS
