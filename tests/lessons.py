"""Trainings as the gateway writes them down and trainers take them, for tests that have neither."""

from datetime import timedelta
from uuid import UUID, uuid4

from ostinato.schemas.jobs import ShardState
from ostinato.schemas.trainings import Training, TrainingPoint, TrainingRequest
from shared.db.database import Database
from shared.db.job_store import Ledger
from shared.db.new_job import Order
from shared.db.trainer_jobs import Errand, Errands
from shared.db.trainings import Trainings
from tests.orders import LEASE


def point(step: int, nats: float = 3.0) -> TrainingPoint:
    return TrainingPoint(
        step=step,
        tokens=step * 100,
        seconds=step / 2,
        train_nats_per_token=1.5,
        held_out_nats_per_note=nats,
    )


class Class:
    """One owner with a queue of his own, and one trainer."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.owner = uuid4().hex
        self.queue = f"test.{self.owner}"
        self.worker_id = uuid4()

    def order(self, version: str | None = None, key: str | None = None) -> Order[TrainingRequest]:
        request = TrainingRequest(recipe="mini", version=version or f"v-{uuid4()}")
        return Order(
            owner=self.owner,
            request=request,
            posted=request,
            queue=self.queue,
            idempotency_key=key,
        )

    async def accept(self, version: str | None = None, key: str | None = None) -> Training:
        async with self.database.transaction() as connection:
            return await Trainings(connection).accept(self.order(version, key))

    async def get(self, training: Training) -> Training:
        async with self.database.transaction() as connection:
            return await Trainings(connection).get(training.id, self.owner)

    async def pause(self, training: Training) -> Training:
        async with self.database.transaction() as connection:
            return await Trainings(connection).pause(training.id, self.owner)

    async def resume(self, training: Training) -> Training:
        async with self.database.transaction() as connection:
            return await Trainings(connection).resume(training.id, self.owner)

    async def cancel(self, training: Training) -> Training:
        async with self.database.transaction() as connection:
            return await Trainings(connection).cancel(training.id, self.owner)

    async def waiting(self) -> list[tuple[UUID, int]]:
        async with self.database.transaction() as connection:
            return await Errands(connection).waiting(self.queue)

    async def claim(self, *, lease: timedelta = LEASE) -> Errand:
        """Claim the oldest errand; it must be there."""
        shard_id, attempt = (await self.waiting())[0]
        errand = await self.try_claim(shard_id, attempt, lease=lease)
        assert errand is not None
        return errand

    async def try_claim(
        self, shard_id: UUID, attempt: int, *, lease: timedelta = LEASE
    ) -> Errand | None:
        async with self.database.transaction() as connection:
            return await Errands(connection).claim(
                self.queue, shard_id, attempt, worker_id=self.worker_id, lease=lease
            )

    async def to_stop(self) -> set[UUID]:
        async with self.database.transaction() as connection:
            return await Errands(connection).to_stop(self.worker_id)

    async def release(self, errand: Errand) -> None:
        async with self.database.transaction() as connection:
            await Errands(connection).release(errand)

    async def reap(self, errand: Errand) -> None:
        async with self.database.transaction() as connection:
            await Errands(connection).reap(errand.job_id, errand.shard_id, errand.attempt)

    async def draw(self, errand: Errand, *points: TrainingPoint) -> bool:
        async with self.database.transaction() as connection:
            return await Trainings(connection).draw(errand, list(points))

    async def finish(self, errand: Errand) -> bool:
        async with self.database.transaction() as connection:
            ours = await Errands(connection).finish(errand, ShardState.SUCCEEDED)
            if ours:
                await Ledger(connection).count(errand.job_id, succeeded=1)
            return ours
