"""Jobs as the gateway writes them down and workers take them, for tests that have neither."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import Job, ShardState
from ostinato.schemas.notes import Note
from shared.db.database import Database
from shared.db.generation_shards import Claim, Shards
from shared.db.job_store import Ledger
from shared.db.jobs import Jobs
from shared.db.melodies import Melodies, NewMelody
from shared.db.new_job import Order

MODEL = "mini"
LEASE = timedelta(seconds=60)
ENDED = timedelta(seconds=-1)
"""A lease that was over before it began."""


class Desk:
    """One owner, by default with a queue of his own: tests do not see each other's shards."""

    def __init__(self, database: Database, queue: str | None = None) -> None:
        self.database = database
        self.owner = uuid4().hex
        self.queue = queue or f"test.{self.owner}"

    def order(
        self, count: int = 1, *, key: str | None = None, bars: int = 8
    ) -> Order[GenerationRequest]:
        request = GenerationRequest(model=MODEL, count=count, seed=7, bars=bars)
        return Order(
            owner=self.owner,
            request=request,
            posted=request,
            queue=self.queue,
            idempotency_key=key,
        )

    async def accept(self, count: int = 1, *, key: str | None = None) -> Job:
        async with self.database.transaction() as connection:
            return await Jobs(connection).accept(self.order(count, key=key))

    async def job(self, job_id: UUID) -> Job:
        async with self.database.transaction() as connection:
            return await Jobs(connection).get(job_id, self.owner)

    async def cancel(self, job_id: UUID) -> Job:
        async with self.database.transaction() as connection:
            return await Jobs(connection).cancel(job_id, self.owner)

    async def waiting(self, *, alone: bool = False) -> list[tuple[UUID, int]]:
        async with self.database.transaction() as connection:
            return await Shards(connection).waiting(self.queue, [MODEL], alone=alone)

    async def claim(self, *, lease: timedelta = LEASE, alone: bool = False) -> Claim:
        """Claim the oldest shard as a fresh worker; it must be there."""
        shard_id, attempt = (await self.waiting(alone=alone))[0]
        claim = await self.try_claim(shard_id, attempt, lease=lease, alone=alone)
        assert claim is not None
        return claim

    async def try_claim(
        self, shard_id: UUID, attempt: int, *, lease: timedelta = LEASE, alone: bool = False
    ) -> Claim | None:
        async with self.database.transaction() as connection:
            return await Shards(connection).claim(
                shard_id, attempt, worker_id=uuid4(), lease=lease, models=[MODEL], alone=alone
            )

    async def lock(self, connection: AsyncConnection, job_id: UUID) -> None:
        """Hold the job's row until the connection's transaction ends."""
        await Ledger(connection).lock(job_id)

    async def reap(self, claim: Claim) -> None:
        async with self.database.transaction() as connection:
            await Shards(connection).reap(claim.job_id, claim.shard_id, claim.attempt)

    async def finish(self, claim: Claim, made: int | None = None) -> bool:
        """Commit the claim with its first `made` melodies, all by default; whether it was ours."""
        melodies = [melody(claim, claim.first + n) for n in range(claim.count)][:made]
        missing = claim.count - len(melodies)
        state = ShardState.CANCELLED if missing else ShardState.SUCCEEDED
        async with self.database.transaction() as connection:
            if not await Shards(connection).finish(claim, state):
                return False
            await Melodies(connection).add(claim.job_id, claim.owner, melodies, streamed=True)
            await Ledger(connection).count(claim.job_id, succeeded=len(melodies), cancelled=missing)
        return True


def melody(claim: Claim, index: int) -> NewMelody:
    """A melody of two notes."""
    return NewMelody(
        index=index,
        seed=7 + index,
        model=claim.request.model,
        model_sha256="0" * 64,
        numerics="test",
        tempo=claim.request.tempo,
        bars=1,
        seconds=0.1,
        notes=[Note(0, 480, 60, 100), Note(480, 480, 64, 100)],
        tokens=[1, 2, 3],
        midi=b"MThd",
    )
