"""A promotion and the end of a worker in mid-melody: listeners receive what is stored.

A worker streams notes of some weights. Then others are promoted, and the worker is killed, stops,
or continues after another one has claimed its shard.
"""

import asyncio
import signal
import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import GenerationJob, JobState
from services.trainer.publishing.registration import register_all
from shared.db.database import Database
from shared.db.promotions import Promotions
from tests.conftest import client_of
from tests.support.http_api import (
    Event,
    create_ticket,
    http_client,
    notes_of,
    sse_events,
    websocket_events,
)
from tests.support.models import write_scaled
from tests.support.servers.stacks import FAST_LEASES
from tests.support.versions import promote

DIFFERENT_BARS = 8
MELODIES = 16
"""More than a worker finishes before it has stopped."""
NO_DRAIN = {**FAST_LEASES, "OSTINATO_DRAIN_TIMEOUT_SECONDS": "0"}


class Listener(threading.Thread):
    """Receives the events of a job until its end."""

    def __init__(self, events: Callable[[], list[Event]]) -> None:
        super().__init__(daemon=True)
        self._events = events
        self._received: list[Event] = []
        self.start()

    def run(self) -> None:
        self._received = self._events()

    def final_events(self) -> list[Event]:
        """The events after the last one that asks to discard what came before."""
        self.join(60)
        assert not self.is_alive()
        kinds = [event["kind"] for event in self._received]
        assert "resync_required" in kinds
        start = len(kinds) - kinds[::-1].index("resync_required")
        return self._received[start:]


def listeners(stack: Stack, job: GenerationJob) -> list[Listener]:
    """One over server-sent events, one over a WebSocket."""
    job_id = str(job.id)

    def by_sse() -> list[Event]:
        with http_client(stack) as http:
            return list(sse_events(http, job_id))

    def by_websocket() -> list[Event]:
        with http_client(stack) as http:
            ticket = create_ticket(http, job_id)
        return websocket_events(stack, job_id, f"ticket={ticket}")

    return [Listener(by_sse), Listener(by_websocket)]


def first_notes(stack: Stack, job: GenerationJob) -> list[Event]:
    """The events until a melody has several bars, which differ between the weights."""
    events = []
    with http_client(stack) as http:
        for event in sse_events(http, str(job.id)):
            events.append(event)
            if event["kind"] == "notes" and event["bars"] >= DIFFERENT_BARS:
                break
    return events


def kill_worker(stack: Stack, _: GenerationJob) -> None:
    stack.kill("worker")
    stack.restart("worker")


def stop_worker(stack: Stack, _: GenerationJob) -> None:
    stack.process("worker").signal(signal.SIGTERM)
    stack.process("worker").signal(signal.SIGCONT)
    stack.restart("worker")


def replace_worker(stack: Stack, job: GenerationJob) -> None:
    """Another worker claims the shard; then the first one continues, with notes to publish."""
    stack.start("worker-2", "worker", **NO_DRAIN)
    asyncio.run(wait_for_claim(stack, job, attempt=2))
    stack.process("worker").signal(signal.SIGCONT)


async def wait_for_claim(stack: Stack, job: GenerationJob, *, attempt: int) -> None:
    """Wait until the job's shard was claimed so many times."""
    query = text("SELECT attempt FROM shards WHERE job_id = :job_id")
    database = Database(stack.database_url, pool_size=1)
    async with asyncio.timeout(60), database.transaction() as connection:
        # What changes is in PostgreSQL, so no event can be awaited
        while await connection.scalar(query, {"job_id": job.id}) < attempt:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await database.close()


async def promote_weights(stack: Stack, version: str, sha256: str) -> None:
    """Promote weights as if a worker had tested them."""
    database = Database(stack.database_url, pool_size=1)
    await register_all(database, stack.checkpoints_dir, None)
    async with database.transaction() as connection:
        await promote(Promotions(connection), version, sha256)
    await database.close()


@pytest.mark.parametrize(
    "fault",
    [kill_worker, stop_worker, replace_worker],
    ids=lambda fault: fault.__name__,
)
def test_listeners_receive_the_stored_notes(
    isolated_stack: Stack, fault: Callable[[Stack, GenerationJob], None]
) -> None:
    stack, version = isolated_stack, f"promoted-{uuid4()}"
    before, after = (write_scaled(stack.checkpoints_dir, version, factor) for factor in (0.9, 1.1))
    asyncio.run(promote_weights(stack, version, before))
    stack.start("worker", **NO_DRAIN)
    with client_of(stack) as client:
        job = client.generate(GenerationRequest(model=version, count=MELODIES, bars=64, seed=1))
        started = listeners(stack, job)
        before_fault = first_notes(stack, job)
        stack.process("worker").signal(signal.SIGSTOP)
        assert client.job(job.id).state is JobState.RUNNING, "the job ended before the fault"
        asyncio.run(promote_weights(stack, version, after))
        fault(stack, job)
        assert client.wait(job.id).state is JobState.SUCCEEDED
        melodies = [client.melody(melody.id) for melody in client.melodies(job.id)]
        assert after in {melody.model_sha256 for melody in melodies}
        assert any(
            first not in [list(note) for note in melody.notes]
            for melody in melodies
            for first in notes_of(before_fault, melody.index)
        )
        for listener in started:
            events = listener.final_events()
            for melody in melodies:
                assert notes_of(events, melody.index) == [list(note) for note in melody.notes]
