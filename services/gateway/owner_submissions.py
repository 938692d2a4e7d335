"""Inserts the jobs of one owner that arrive at the same time together.

Each submission locks the counters of its owner until it is committed. Those that arrive meanwhile
would commit one after the other; here they share the next transaction.
"""

import asyncio
from collections.abc import Sequence

from ostinato.schemas.generations import GenerationRequest
from shared.broker.queues import QUEUE_BY_PRIORITY
from shared.db.database import Database
from shared.db.job_queue.submissions import (
    Quota,
    Submission,
    submit,
    submit_together,
)
from shared.db.new_job import NewJob
from shared.errors import Unavailable

QUOTA_QUEUES = tuple(QUEUE_BY_PRIORITY.values())
"""The queues whose unfinished melodies count."""
MAX_JOBS = 64
"""Jobs in one transaction."""

_Waiting = tuple[NewJob[GenerationRequest], asyncio.Future[Submission]]


class OwnerSubmissions:
    """The submissions that wait, by owner; each owner has one transaction at a time."""

    def __init__(self, database: Database, max_pending_melodies: int) -> None:
        self._database = database
        self._quota = Quota(QUOTA_QUEUES, max_pending_melodies)
        self._waiting: dict[str, list[_Waiting]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, new_job: NewJob[GenerationRequest]) -> Submission:
        """Insert a job, unless it is known or exceeds the quota of its owner.

        Raises:
            IdempotencyMismatch: the idempotency key was sent with another body before.
            Unavailable: PostgreSQL does not answer.
        """
        submission: asyncio.Future[Submission] = asyncio.get_running_loop().create_future()
        if (waiting := self._waiting.get(new_job.owner)) is not None:
            waiting.append((new_job, submission))
        else:
            self._waiting[new_job.owner] = [(new_job, submission)]
            task = asyncio.create_task(self._submit_all(new_job.owner))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(submission)  # a cancelled request cancels no other one

    async def _submit_all(self, owner: str) -> None:
        """Submit what waits for this owner until nothing is left."""
        waiting = self._waiting[owner]
        while waiting:
            group = waiting[:MAX_JOBS]
            del waiting[:MAX_JOBS]
            try:
                results = await self._submit_group([new_job for new_job, _ in group])
            except Exception as error:  # noqa: BLE001 - each request that waits raises it
                results = [error] * len(group)
            for (_, submission), result in zip(group, results, strict=True):
                _resolve(submission, result)
        del self._waiting[owner]

    async def _submit_group(
        self, new_jobs: Sequence[NewJob[GenerationRequest]]
    ) -> Sequence[Submission | Exception]:
        if len(new_jobs) == 1 or any(new_job.webhook for new_job in new_jobs):
            return [await self._submit_one(new_job) for new_job in new_jobs]
        try:
            async with self._database.driver_connection() as connection:
                return await submit_together(connection, new_jobs, quota=self._quota)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - the request of the job that causes it raises it
            # PostgreSQL rejects one of them: the others are inserted
            return [await self._submit_one(new_job) for new_job in new_jobs]

    async def _submit_one(self, new_job: NewJob[GenerationRequest]) -> Submission | Exception:
        try:
            async with self._database.driver_connection() as connection:
                if new_job.webhook is None:
                    return await submit(connection, new_job, quota=self._quota)
                async with connection.transaction():
                    return await submit(connection, new_job, quota=self._quota)
        except Exception as error:  # noqa: BLE001 - the request that waits raises it
            return error


def _resolve(submission: asyncio.Future[Submission], result: Submission | Exception) -> None:
    if isinstance(result, Exception):
        submission.set_exception(result)
        submission.exception()  # marks it as retrieved: the request may have been cancelled
    else:
        submission.set_result(result)
