"""A subscriber receives the end of a job, even if Redis has lost the last events."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from ostinato.schemas.events import JobEvent, MelodyEvent
from ostinato.schemas.jobs import JobState
from services.gateway import event_subscription
from services.gateway.app_state import AppState
from services.gateway.event_subscription import JobEventSubscription
from services.gateway.settings import GatewaySettings
from shared.db.database import Database
from tests.support.jobs import JobFixture


@pytest.fixture
async def app(backends: Stack) -> AsyncIterator[AppState]:
    fields = {
        "environment": "development",
        "database_url": backends.database_url,
        "redis_url": backends.redis_url,
    }
    app = AppState.open(GatewaySettings.model_validate(fields))
    yield app
    await app.close()


async def test_events_that_a_primary_lost_after_they_were_published_are_sent_again(
    app: AppState, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replica may be promoted while the old primary still accepts events."""
    monkeypatch.setattr(event_subscription, "FIRST_CHECK_SECONDS", 1)
    fixture = JobFixture(database)
    job = await fixture.create(2)
    await app.publisher.publish([job.id])
    await fixture.finish(await fixture.claim())
    async with database.transaction() as connection:
        await connection.execute(text("DELETE FROM outbox WHERE job_id = :id"), {"id": job.id})
    subscription = JobEventSubscription(app, job.id, fixture.owner)
    assert await subscription.resume_from(None) is None
    async with asyncio.timeout(20):
        received = [event async for event in subscription.events() if event is not None]
    assert [event.seq for event in received] == list(range(1, len(received) + 1))
    melodies = [event.melody for event in received if isinstance(event, MelodyEvent)]
    assert melodies == [0, 1]
    states = [event.state for event in received if isinstance(event, JobEvent)]
    assert states == [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED]
