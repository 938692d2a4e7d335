"""Celery as we use it: JSON hints on Redis, no results, and no judgement of what is lost.

Recovery belongs to the leases in PostgreSQL, so a message is acknowledged when it is read,
and Redis never hands one out twice. Refuses to know what a task does.
"""

import asyncio
import logging
import warnings
from collections.abc import Iterable, Sequence

from celery import Celery
from celery.platforms import SecurityWarning
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from shared.broker.queues import TASK_OF, Queue, Task
from shared.errors import Unavailable
from shared.messages import Hint

VISIBILITY_TIMEOUT = 30 * 24 * 3600
"""Seconds; longer than any job, since Redis must never judge that a task is lost."""
SOCKET_SECONDS = 3
THREADS = 2

_TASKS: dict[str, Task] = {str(queue): task for queue, task in TASK_OF.items()}


def make_celery(redis_url: str) -> Celery:
    """A Celery application on this Redis; with no tasks, it can still send by name."""
    app = Celery("ostinato", broker=redis_url)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_default_queue=Queue.INTERACTIVE,
        task_create_missing_queues=True,
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=True,
        worker_send_task_events=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": VISIBILITY_TIMEOUT,
            "queue_order_strategy": "priority",
            "socket_connect_timeout": SOCKET_SECONDS,
            "socket_timeout": SOCKET_SECONDS,
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
    )
    return app


def consume(app: Celery, name: str, queues: Iterable[str], log_level: str) -> None:
    """Read these queues until TERM; the tasks only hand on what was read, and need no time."""
    # Two lines a hint say nothing that whoever takes it does not say of the shard
    for chatty in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # Celery warns of root because of pickled messages; ours are JSON, and nothing else is accepted
    warnings.simplefilter("ignore", SecurityWarning)
    app.worker_main(
        [
            "--quiet",
            "worker",
            "--pool=threads",
            f"--concurrency={THREADS}",
            f"--hostname={name}",
            f"--queues={','.join(queues)}",
            f"--loglevel={log_level}",
            "--without-gossip",
            "--without-mingle",
        ]
    )


class Hints:
    """Sends hints; slow or absent Redis costs a thread, never the event loop."""

    def __init__(self, redis_url: str) -> None:
        self._celery = make_celery(redis_url)

    async def send(self, hints: Sequence[tuple[str, Hint]]) -> None:
        """Send the hints in order.

        Raises:
            Unavailable: Redis does not answer; some may have been sent, which does no harm.
        """
        await asyncio.to_thread(self._send, hints)

    def _send(self, hints: Sequence[tuple[str, Hint]]) -> None:
        try:
            for queue, hint in hints:
                self._celery.send_task(
                    _TASKS.get(queue, Task.GENERATE),
                    kwargs=hint.model_dump(mode="json"),
                    queue=queue,
                    retry=False,
                )
        except (OperationalError, RedisError, OSError) as error:
            raise Unavailable("Redis") from error

    def close(self) -> None:
        """Give the connections back."""
        self._celery.close()
