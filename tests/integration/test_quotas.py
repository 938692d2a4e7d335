"""Who waits for as many things of a kind as one may is asked to wait, on the real PostgreSQL."""

from uuid import uuid4

import pytest

from ostinato.schemas.jobs import Kind, ShardState
from services.gateway.quotas import check_quota
from shared.db.database import Database
from shared.db.job_store import Ledger
from shared.db.trainer_jobs import Errands
from shared.errors import TooManyRequests
from tests.gallery import Gallery


@pytest.fixture
async def gallery(database: Database) -> Gallery:
    """Somebody who waits for two evaluations."""
    gallery = Gallery(database, f"v-{uuid4()}")
    job = await gallery.generate()
    for _ in range(2):
        await gallery.accept(job, "ab")
    return gallery


async def check(gallery: Gallery, owner: str, kind: Kind, most: int) -> None:
    async with gallery.database.transaction() as connection:
        await check_quota(connection, owner, kind, most)


async def test_as_many_as_one_may_wait_for_are_accepted_and_no_more(gallery: Gallery) -> None:
    await check(gallery, gallery.owner, Kind.EVALUATION, 3)
    with pytest.raises(TooManyRequests, match="wait for 2 evaluations, which is as many") as full:
        await check(gallery, gallery.owner, Kind.EVALUATION, 2)
    assert full.value.extra["retry_after"]


async def test_what_has_ended_is_not_waited_for(gallery: Gallery) -> None:
    errand = await gallery.claim()
    async with gallery.database.transaction() as connection:
        await Errands(connection).finish(errand, ShardState.SUCCEEDED)
        await Ledger(connection).count(errand.job_id, succeeded=1)
    await check(gallery, gallery.owner, Kind.EVALUATION, 2)


async def test_neither_are_other_kinds_nor_what_others_wait_for(gallery: Gallery) -> None:
    await check(gallery, gallery.owner, Kind.READING, 1)
    await check(gallery, uuid4().hex, Kind.EVALUATION, 1)
