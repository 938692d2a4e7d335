"""Jobs in the database, created and claimed without gateway and worker."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import GenerationJob, ShardState
from ostinato.schemas.notes import Note
from shared.db.database import Database
from shared.db.generation_jobs import GenerationJobs
from shared.db.generation_shards import ClaimedShard, GenerationShards
from shared.db.job_store import JobStore
from shared.db.melodies import Melodies, NewMelody
from shared.db.new_job import NewJob

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

    async def queued(self, *, allow_isolated: bool = False) -> list[tuple[UUID, int]]:
        async with self.database.transaction() as connection:
            return await GenerationShards(connection).claim_candidates(
                self.queue, [MODEL], allow_isolated=allow_isolated
            )

    async def claim(
        self, *, lease_duration: timedelta = LEASE_DURATION, allow_isolated: bool = False
    ) -> ClaimedShard:
        """Claim the oldest queued shard as a new worker; there must be one."""
        shard_id, attempt = (await self.queued(allow_isolated=allow_isolated))[0]
        shard = await self.try_claim(
            shard_id, attempt, lease_duration=lease_duration, allow_isolated=allow_isolated
        )
        assert shard is not None
        return shard

    async def try_claim(
        self,
        shard_id: UUID,
        attempt: int,
        *,
        lease_duration: timedelta = LEASE_DURATION,
        allow_isolated: bool = False,
    ) -> ClaimedShard | None:
        async with self.database.transaction() as connection:
            return await GenerationShards(connection).claim(
                shard_id,
                attempt,
                worker_id=uuid4(),
                lease_duration=lease_duration,
                models=[MODEL],
                allow_isolated=allow_isolated,
            )

    async def lock(self, connection: AsyncConnection, job_id: UUID) -> None:
        """Lock the job's row until the connection's transaction ends."""
        await JobStore(connection).lock(job_id)

    async def reap(self, shard: ClaimedShard) -> None:
        async with self.database.transaction() as connection:
            await GenerationShards(connection).reap(shard.job_id, shard.shard_id, shard.attempt)

    async def finish(self, shard: ClaimedShard, num_finished: int | None = None) -> bool:
        """Commit the first melodies of a shard, by default all; False if the lease was lost."""
        melodies = [melody(shard, shard.first_index + index) for index in range(shard.num_items)]
        finished = melodies[:num_finished]
        num_missing = shard.num_items - len(finished)
        state = ShardState.CANCELLED if num_missing else ShardState.SUCCEEDED
        async with self.database.transaction() as connection:
            if not await GenerationShards(connection).finish(shard, state):
                return False
            await Melodies(connection).add(shard.job_id, shard.owner, finished, streamed=True)
            await JobStore(connection).add_results(
                shard.job_id, succeeded=len(finished), cancelled=num_missing
            )
        return True


def melody(shard: ClaimedShard, index: int) -> NewMelody:
    """A melody of two notes."""
    return NewMelody(
        index=index,
        seed=7 + index,
        model=shard.request.resolved_model,
        model_sha256="0" * 64,
        numerics="test",
        tempo=shard.request.tempo,
        bars=1,
        num_tokens=3,
        generation_seconds=0.1,
        notes=[Note(0, 480, 60, 100), Note(480, 480, 64, 100)],
        midi=b"MThd",
    )
