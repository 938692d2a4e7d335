"""A bench: one errand at a time out of one queue, from its claim to what comes of it.

Everything that is written down is written under the claim's fencing token, however long PostgreSQL
is away. Refuses to know what the errand is about: that is its trade's.
"""

import asyncio
import logging
import os
import time
from uuid import UUID

from ostinato.schemas.jobs import Failure, ShardState
from services.trainer.identity import Identity
from services.trainer.ipc.messages import Assignment, Ending, Failed, Hold
from services.trainer.jobs.child_process import Child
from services.trainer.jobs.handler import Trade
from shared.background import at_last
from shared.broker.queues import TrainerQueue
from shared.db.database import Database
from shared.db.job_store import Ledger
from shared.db.trainer_jobs import Errand, Errands
from shared.errors import OstinatoError, Unavailable
from shared.messages import Hint
from shared.outbox_publisher import Publisher

log = logging.getLogger(__name__)

LAST_WORDS_SECONDS = 2.0
"""For a child that was killed to be gone, and for its errand to be given back."""


class Bench:
    """Works on errands of one trade, in child processes."""

    def __init__(
        self, trade: Trade, database: Database, publisher: Publisher, identity: Identity
    ) -> None:
        self.errand: Errand | None = None
        """What is being worked on."""
        self._trade = trade
        self._database = database
        self._publisher = publisher
        self._identity = identity
        self._one_at_a_time = asyncio.Lock()
        self._is_open = True
        self._task: asyncio.Task[None] | None = None
        self._child: Child | None = None
        self._until = 0.0
        self._is_asked = False
        """The errand is to be given back."""

    @property
    def queue(self) -> TrainerQueue:
        """Where its errands come from."""
        return self._trade.queue

    async def offer(self, hint: Hint) -> None:
        """Claim the errand that a hint names, if there is nothing to do and nobody has it.

        Raises:
            Unavailable: PostgreSQL does not answer; the errand stays where it was.
        """
        async with self._one_at_a_time:
            await self._claim(hint.shard_id, hint.attempt)

    async def fill(self) -> None:
        """Claim what waits longest, if there is nothing to do.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        async with self._one_at_a_time:
            if self.errand is not None or not self._is_open:
                return
            async with self._database.transaction() as connection:
                waiting = await Errands(connection).waiting(self.queue)
            for shard_id, attempt in waiting:
                await self._claim(shard_id, attempt)

    async def _claim(self, shard_id: UUID, attempt: int) -> None:
        if self.errand is not None or not self._is_open:
            return
        until = time.monotonic() + self._identity.lease.total_seconds()
        async with self._database.transaction() as connection:
            errand = await Errands(connection).claim(
                self.queue,
                shard_id,
                attempt,
                worker_id=self._identity.id,
                lease=self._identity.lease,
            )
        if errand is not None:
            log.info("Job %s, attempt %d, on %s.", errand.job_id, errand.attempt, self.queue)
            self.errand, self._until, self._is_asked = errand, until, False
            self._task = asyncio.create_task(self._work(errand))

    def hold(self, errand: Errand, until: float) -> None:
        """The claim was renewed."""
        if self.errand is errand:
            self._until = until
            if self._child is not None:
                self._child.hold(Hold(until=until))

    def drop(self, errand: Errand) -> None:
        """The claim is somebody else's: whatever comes of it here counts for nothing."""
        if self.errand is errand and self._child is not None:
            log.warning("Job %s is no longer ours: dropped.", errand.job_id)
            self._child.kill()

    def stop(self) -> None:
        """Let the child write what there is, and give the errand back; asking twice is no haste."""
        if not self._is_asked:
            self._is_asked = True
            if self._child is not None:
                self._child.ask_to_stop()

    async def close(self, patience: float) -> None:
        """Claim nothing more, and be empty within so many seconds, and a few."""
        async with self._one_at_a_time:
            self._is_open = False
        if self.errand is None or self._task is None:
            return
        self.stop()
        await asyncio.wait({self._task}, timeout=patience)
        if self._child is not None:
            self._child.kill()
        await asyncio.wait({self._task}, timeout=LAST_WORDS_SECONDS)
        self._task.cancel()

    async def _work(self, errand: Errand) -> None:
        try:
            ending, code = await self._run(errand)
            what = f"Job {errand.job_id}"
            await at_last(what, lambda: self._settle(errand, ending, code))
        except Exception:  # its lease ends, and somebody else has a try
            log.exception("Job %s is left to its lease.", errand.job_id)
        finally:
            self.errand = None
            self._publisher.soon(errand.job_id)
        await self._go_on()

    async def _go_on(self) -> None:
        try:
            await self.fill()
        except Unavailable as error:
            log.warning("The next errand on %s waits: %s", self.queue, error.detail)

    async def _run(self, errand: Errand) -> tuple[Ending | None, int]:
        """What the child said at its end, if it did, and its exit code."""
        what = f"Job {errand.job_id}"
        self._publisher.soon(errand.job_id)
        assignment = await at_last(what, lambda: self._trade.assign(errand, self._until))
        if self._is_asked:
            return None, os.EX_TEMPFAIL
        child = await self._start(assignment)
        try:
            ending = await self._listen(errand, child)
            return ending, await child.wait()
        finally:
            child.kill()
            self._child = None

    async def _start(self, assignment: Assignment) -> Child:
        self._child = await Child.start(self._trade.module, assignment)
        if self._is_asked:  # meanwhile
            self._child.ask_to_stop()
        return self._child

    async def _listen(self, errand: Errand, child: Child) -> Ending | None:
        ending: Ending | None = None
        async for word in child.words():
            if isinstance(word, Ending):
                ending = word
            else:
                await self._trade.hear(errand, word)
        return ending

    async def _settle(self, errand: Errand, ending: Ending | None, code: int) -> None:
        """Write down what came of it; Unavailable while PostgreSQL does not answer."""
        if isinstance(ending, Failed) and code == os.EX_OK:
            await self._fail(errand, ending.failure)
        elif isinstance(ending, Failed):
            await self._crash(errand, ending.failure.detail)
        elif ending is not None:
            await self._deliver(errand, ending)
        elif self._is_asked or code == os.EX_TEMPFAIL:
            async with self._database.transaction() as connection:
                await Errands(connection).release(errand)
        else:
            cause = f"its process ended with signal {-code}" if code < 0 else f"exit code {code}"
            await self._crash(errand, cause)

    async def _deliver(self, errand: Errand, ending: Ending) -> None:
        try:
            await self._trade.deliver(errand, ending)
        except Unavailable:
            raise
        except OstinatoError as error:
            await self._fail(errand, Failure(code=error.code, detail=error.detail))
        except OSError as error:  # a full disk, say
            await self._crash(errand, f"{type(error).__name__}: {error}")

    async def _crash(self, errand: Errand, cause: str) -> None:
        log.error("Job %s crashed: %s", errand.job_id, cause)
        async with self._database.transaction() as connection:
            await Errands(connection).crash(errand, cause)

    async def _fail(self, errand: Errand, failure: Failure) -> None:
        log.error("Job %s failed: %s", errand.job_id, failure.detail)
        async with self._database.transaction() as connection:
            if await Errands(connection).finish(errand, ShardState.FAILED):
                await Ledger(connection).count(errand.job_id, failed=1, error=failure)
