"""Jobs in the database, created and claimed without gateway and worker."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import GenerationJob
from ostinato.schemas.notes import Note
from shared.db.database import Database
from shared.db.generation_jobs import GenerationJobs
from shared.db.generation_shards import ClaimedShard, GenerationShards
from shared.db.job_queue.claims import start_jobs
from shared.db.job_queue.isolation import ISOLATION_CRASHES, IsolatedClaims
from shared.db.job_queue.job_store import JobStore
from shared.db.job_queue.leases import MAX_FAILED_ATTEMPTS
from shared.db.job_queue.results import ShardResults, commit_results
from shared.db.melody_score import MelodyScore
from shared.db.new_job import NewJob
from shared.db.new_melody import NewMelody
from shared.db.workers import WorkerRow, Workers
from shared.worker_identity import WorkerIdentity

MODEL = "mini"
LEASE_DURATION = timedelta(seconds=60)
EXPIRED = timedelta(seconds=-1)
"""The duration of a lease that has expired from the start."""


class JobFixture:
    """The jobs of one owner; by default in a separate queue, because tests run in parallel."""

    def __init__(self, database: Database, queue: str | None = None) -> None:
        self.database = database
        self.owner = uuid4().hex
        self.queue = queue or f"test.{self.owner}"

    def new_job(
        self, count: int = 1, *, key: str | None = None, bars: int = 8
    ) -> NewJob[GenerationRequest]:
        request = GenerationRequest(model=MODEL, count=count, seed=7, bars=bars)
        return NewJob(
            owner=self.owner,
            request=request,
            original_request=request,
            queue=self.queue,
            idempotency_key=key,
        )

    async def create(self, count: int = 1, *, key: str | None = None) -> GenerationJob:
        async with self.database.transaction() as connection:
            return await GenerationJobs(connection).create(self.new_job(count, key=key))

    async def get(self, job_id: UUID) -> GenerationJob:
        async with self.database.transaction() as connection:
            return await GenerationJobs(connection).get(job_id, self.owner)

    async def cancel(self, job_id: UUID) -> GenerationJob:
        async with self.database.transaction() as connection:
            return await GenerationJobs(connection).cancel(job_id, self.owner)

    async def try_claim(
        self, *, lease_duration: timedelta = LEASE_DURATION, models: Sequence[str] = (MODEL,)
    ) -> ClaimedShard | None:
        """Claim the next shard as a new worker."""
        claimed = await self.claim_many(1, lease_duration=lease_duration, models=models)
        return claimed[0] if claimed else None

    async def claim_many(
        self,
        max_items: int,
        *,
        lease_duration: timedelta = LEASE_DURATION,
        models: Sequence[str] = (MODEL,),
        held_items: Mapping[str, int] | None = None,
        max_items_per_owner: int | None = None,
    ) -> list[ClaimedShard]:
        async with self.database.connection() as connection:
            shards = await GenerationShards(connection).claim(
                self.queue,
                models,
                worker=new_worker(lease_duration),
                max_items=max_items,
                held_items=held_items,
                max_items_per_owner=max_items_per_owner,
            )
            await start_jobs(connection, {shard.job_id for shard in shards})
        return shards

    async def claim(
        self,
        *,
        lease_duration: timedelta = LEASE_DURATION,
        isolated: bool = False,
        after_canary: bool = False,
    ) -> ClaimedShard:
        """Claim the next shard as a new worker; there must be one."""
        if isolated:
            worker = new_worker(lease_duration)
            if after_canary:
                await self.complete_canary(worker)
            shard = await self.try_claim_isolated(worker)
        else:
            shard = await self.try_claim(lease_duration=lease_duration)
        assert shard is not None
        return shard

    async def try_claim_isolated(self, worker: WorkerIdentity) -> ClaimedShard | None:
        """Reserve and claim a shard that has to run isolated."""
        async with self.database.connection() as connection:
            reserved = await IsolatedClaims(connection, worker).reserve([self.queue], [MODEL])
            if reserved is None:
                return None
            return await GenerationShards(connection).claim_isolated(reserved.shard_id, worker)

    async def complete_canary(self, worker: WorkerIdentity, model: str = MODEL) -> None:
        """Record that the process of this worker is fresh and works."""
        async with self.database.connection() as connection:
            workers = Workers(connection)
            await workers.upsert_heartbeat(WorkerRow(id=worker.id, name="test", engine_stats={}))
            assert await workers.record_canary(worker.id, model)

    async def num_queued(self) -> int:
        """The number of queued shards in the fixture's queue."""
        statement = text("SELECT count(*) FROM shards WHERE queue = :queue AND state = 'queued'")
        async with self.database.connection() as connection:
            return int(await connection.scalar(statement, {"queue": self.queue}) or 0)

    async def lock(self, connection: AsyncConnection, job_id: UUID) -> None:
        """Lock the job's row until the connection's transaction ends."""
        await JobStore(connection).lock(job_id)

    async def reap(self, shard: ClaimedShard) -> None:
        async with self.database.transaction() as connection:
            await GenerationShards(connection).reap(shard.job_id, shard.shard_id, shard.attempt)

    async def crash(self, shard: ClaimedShard) -> None:
        """Reap a shard whose lease has expired, and end the delay before it is queued again."""
        await self.reap(shard)
        statement = text(
            "UPDATE shards SET lease_expires_at = now() - interval '1 s'"
            " WHERE id = :shard_id AND state = 'running' AND worker_id IS NULL"
        )
        async with self.database.connection() as connection:
            await connection.execute(statement, {"shard_id": shard.shard_id})
        await self.reap(shard)

    async def poison(self, shard: ClaimedShard) -> None:
        """Let a claimed shard fail by itself until it is poison."""
        async with self.database.transaction() as connection:
            await connection.execute(
                text("UPDATE shards SET failed_attempts = :failed WHERE id = :shard_id"),
                {"failed": MAX_FAILED_ATTEMPTS - 1, "shard_id": shard.shard_id},
            )
            await GenerationShards(connection).report_failed_attempt(shard, "it failed")

    async def isolate(self, *, crashes: int = ISOLATION_CRASHES) -> None:
        """Set the number of crashes of all shards of the fixture's queue."""
        statement = text("UPDATE shards SET crashes = :crashes WHERE queue = :queue")
        async with self.database.connection() as connection:
            await connection.execute(statement, {"crashes": crashes, "queue": self.queue})

    async def finish(self, shard: ClaimedShard, num_finished: int | None = None) -> bool:
        """Commit the first melodies of a shard, by default all; False if the lease was lost."""
        melodies = [melody(shard, item.index) for item in shard.items]
        return await self.commit(
            ShardResults(
                shard=shard,
                melodies=melodies[:num_finished],
                num_cancelled=len(melodies) - len(melodies[:num_finished]),
                streamed=True,
                has_ended=True,
            )
        )

    async def commit(self, *results: ShardResults) -> bool:
        """Commit results of shards together; False if a lease was lost."""
        async with self.database.transaction() as connection:
            return not await commit_results(connection, results)

    async def check_counters(self) -> None:
        """Check that the counters of all owners equal what their shards say."""
        async with self.database.connection() as connection:
            wrong = [dict(row) for row in (await connection.execute(_WRONG_COUNTERS)).mappings()]
            assert wrong == [], wrong


_WRONG_COUNTERS = text("""
    SELECT * FROM owner_queues AS place FULL JOIN (
        SELECT owner, queue, model, sum(size - ended_items) AS items,
            sum(size - ended_items) FILTER (WHERE state = 'paused') AS paused
        FROM shards GROUP BY owner, queue, model
    ) AS counted USING (owner, queue, model)
    WHERE coalesce(pending_items, 0) <> coalesce(items, 0)
        OR coalesce(paused_items, 0) <> coalesce(paused, 0)
""")


def new_worker(lease_duration: timedelta = LEASE_DURATION) -> WorkerIdentity:
    return WorkerIdentity(id=uuid4(), name="test", lease_duration=lease_duration)


def melody(shard: ClaimedShard, index: int) -> NewMelody:
    """A melody of two notes."""
    custom_ids = {item.index: item.custom_id for item in shard.items}
    return NewMelody(
        index=index,
        custom_id=custom_ids.get(index),
        seed=7 + index,
        model=shard.model,
        model_sha256="0" * 64,
        numerics="test",
        score=MelodyScore.of_one_track(tempo=120, program=0),
        bars=1,
        num_tokens=3,
        generation_seconds=0.1,
        notes=[Note(0, 480, 60, 100), Note(480, 480, 64, 100)],
        midi=b"MThd",
    )
