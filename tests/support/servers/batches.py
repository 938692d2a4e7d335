"""Batches over HTTP, whose shards are claimed and committed without a worker."""

import json
from uuid import UUID

import httpx

from shared.broker.queues import Queue
from shared.db.database import Database
from tests.support.jobs import JobFixture

BATCHES = "/v1/batches"


class BatchFixture(JobFixture):
    """Claims the shards of batches of a version of its own."""

    def __init__(self, database: Database, version: str, http: httpx.AsyncClient) -> None:
        super().__init__(database, Queue.BATCH)
        self.version = version
        self.http = http

    def lines(self, num_lines: int, /, **fields: object) -> bytes:
        return b"\n".join(
            json.dumps({"model": self.version, "bars": 1, "custom_id": f"c{i}", **fields}).encode()
            for i in range(num_lines)
        )

    async def post(self, lines: bytes, **params: object) -> httpx.Response:
        return await self.http.post(
            BATCHES,
            content=lines,
            params=params,  # type: ignore[arg-type]  # texts and numbers
            headers={"Content-Type": "application/x-ndjson"},
        )

    async def submit(self, lines: bytes, **params: object) -> UUID:
        response = await self.post(lines, **params)
        assert response.status_code == 202, response.text
        return UUID(response.json()["id"])

    async def batch(self, batch_id: UUID) -> dict[str, object]:
        body: dict[str, object] = (await self.http.get(f"{BATCHES}/{batch_id}")).json()
        return body

    async def change(self, batch_id: UUID, action: str) -> httpx.Response:
        return await self.http.post(f"{BATCHES}/{batch_id}/{action}")

    async def finish_all(self) -> None:
        """Commit everything that is queued for the version."""
        while shards := await self.claim_many(10_000, models=[self.version]):
            for shard in shards:
                assert await self.finish(shard)
