"""`python -m tests.benchmarks.queue.minimal_service`: the floor of a POST and of two reads.

FastAPI and asyncpg on the service's own tables, with its schemas: a POST is one statement that
inserts a job, a shard and an outbox message; keys are cached for a second; one task publishes the
messages of all jobs that were inserted meanwhile. It has no quota, idempotency, fair order, check
of the model, problem details, limits, or retries.
"""

import asyncio
import hashlib
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
import uvicorn
from fastapi import FastAPI, Header, HTTPException, Response
from redis.asyncio import Redis

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import GenerationJob
from shared.ids import new_id

CONNECTIONS = 8
KEY_SECONDS = 1.0
INSERT = """
    WITH job AS (
        INSERT INTO jobs (id, owner, state, priority, request, num_items, request_sha256)
        VALUES ($1, $2, 'queued', 'interactive', $3::jsonb, $4, '') RETURNING created_at
    ), shard AS (
        INSERT INTO shards
            (id, job_id, owner, queue, model, first_index, size, work, rank, state)
        VALUES ($5, $1, $2, 'interactive', $6, 0, $4, 8, 0, 'queued')
    ), message AS (
        INSERT INTO outbox (job_id, kind, payload) VALUES ($1, 'job', '{"state": "queued"}')
    )
    SELECT created_at FROM job
"""
JOB = "SELECT * FROM jobs WHERE id = $1 AND owner = $2"
MIDI = "SELECT midi FROM melodies WHERE id = $1 AND owner = $2"
OWNER = "SELECT owner FROM api_keys WHERE sha256 = $1 AND revoked_at IS NULL"
MESSAGES = "SELECT id, job_id, payload FROM outbox WHERE job_id = ANY($1::uuid[]) ORDER BY id"
DELETE = "DELETE FROM outbox WHERE id = ANY($1::bigint[])"


class State:
    """The connections, the cached keys, and the jobs whose messages are not published yet."""

    def __init__(self) -> None:
        self.redis = Redis.from_url(os.environ["REDIS_URL"])
        self.owners: dict[str, tuple[str, float]] = {}
        self._idle: asyncio.LifoQueue[Any] = asyncio.LifoQueue()
        self._scheduled: list[UUID] = []
        self._publishing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect to PostgreSQL."""
        for _ in range(CONNECTIONS):
            self._idle.put_nowait(await asyncpg.connect(os.environ["DATABASE_URL"]))

    async def fetch(self, statement: str, *arguments: object) -> list[Any]:
        """The rows of a statement."""
        connection = await self._idle.get()
        try:
            rows: list[Any] = await connection.fetch(statement, *arguments)
        finally:
            self._idle.put_nowait(connection)
        return rows

    async def owner(self, authorization: str) -> str:
        """The owner of a key."""
        cached = self.owners.get(authorization)
        if cached is not None and cached[1] > time.monotonic():
            return cached[0]
        digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).digest()
        rows = await self.fetch(OWNER, digest)
        if not rows:
            raise HTTPException(401)
        self.owners[authorization] = rows[0]["owner"], time.monotonic() + KEY_SECONDS
        return str(rows[0]["owner"])

    def schedule(self, job_id: UUID) -> None:
        """Publish the messages of a job in the background."""
        self._scheduled.append(job_id)
        if self._publishing is None or self._publishing.done():
            self._publishing = asyncio.create_task(self._publish())

    async def _publish(self) -> None:
        while self._scheduled:
            job_ids, self._scheduled = self._scheduled, []
            messages = await self.fetch(MESSAGES, job_ids)
            pipeline = self.redis.pipeline(transaction=False)
            for message in messages:
                pipeline.xadd(f"minimal:{message['job_id']}", {"event": message["payload"]})
            pipeline.lpush("minimal:notifications", len(messages))
            await pipeline.execute()
            await self.fetch(DELETE, [message["id"] for message in messages])


state = State()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Connect."""
    await state.open()
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/generations", status_code=202)
async def submit(request: GenerationRequest, authorization: str = Header()) -> GenerationJob:
    """Insert a job."""
    owner = await state.owner(authorization)
    job_id = new_id()
    accepted = request.model_copy(update={"seed": 1, "priority": request.resolved_priority})
    body = accepted.model_dump_json()
    rows = await state.fetch(
        INSERT, job_id, owner, body, request.count, new_id(), request.resolved_model
    )
    state.schedule(job_id)
    return GenerationJob(
        id=job_id,
        state="queued",
        priority=request.resolved_priority,
        request=accepted,
        created_at=rows[0]["created_at"],
    )


@app.get("/jobs/{job_id}")
async def job(job_id: UUID, authorization: str = Header()) -> GenerationJob:
    """Read a job."""
    rows = await state.fetch(JOB, job_id, await state.owner(authorization))
    if not rows:
        raise HTTPException(404)
    row = {name: value for name, value in rows[0].items() if name in GenerationJob.model_fields}
    return GenerationJob.model_validate({**row, "request": json.loads(row["request"])})


@app.get("/melodies/{melody_id}.mid")
async def midi(melody_id: UUID, authorization: str = Header()) -> Response:
    """Read a MIDI file."""
    rows = await state.fetch(MIDI, melody_id, await state.owner(authorization))
    if not rows:
        raise HTTPException(404)
    return Response(rows[0]["midi"], media_type="audio/midi")


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["PORT"]), access_log=False, log_level="warning")
