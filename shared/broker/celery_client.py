"""Celery configuration, consumer and sender: JSON messages on Redis, no results.

The broker is one server, or the primary behind Sentinel; kombu finds the new one after a failover.
The leases in PostgreSQL recover lost work, so a message is acknowledged when it is received, and
Redis never redelivers one.
"""

import asyncio
import codecs
import logging
import operator
import signal
import warnings
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from celery import Celery
from celery.platforms import EX_OK, SecurityWarning
from celery.signals import worker_shutting_down
from celery.worker import state as consumer_state
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from shared.broker.queues import TASK_BY_QUEUE, Queue, Task
from shared.errors import Unavailable
from shared.process_exit import STOP_SIGNALS, ExitLimit
from shared.redis_url import RedisMode, RedisUrl, parse_redis_url

VISIBILITY_TIMEOUT_SECONDS = 30 * 24 * 3600
"""Longer than any job: Redis must not redeliver a message."""
SOCKET_TIMEOUT_SECONDS = 3
_TIMEOUTS = {
    "socket_connect_timeout": SOCKET_TIMEOUT_SECONDS,
    "socket_timeout": SOCKET_TIMEOUT_SECONDS,
}
CONSUMER_THREADS = 1
MAX_WAITING_NOTIFICATIONS = 64
"""Notifications of a queue that wait in Redis, however long no worker consumes them."""

_TASK_BY_QUEUE: dict[str, Task] = {str(queue): task for queue, task in TASK_BY_QUEUE.items()}


def make_celery(redis_url: str) -> Celery:
    """A Celery application for this Redis; without registered tasks it can still send by name."""
    url = parse_redis_url(redis_url)
    is_sentinel = url.mode is RedisMode.SENTINEL
    app = Celery("ostinato", broker=_sentinels(url) if is_sentinel else redis_url)
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
            "visibility_timeout": VISIBILITY_TIMEOUT_SECONDS,
            "queue_order_strategy": "priority",
            "socket_keepalive": True,
            "health_check_interval": 10,
            **_TIMEOUTS,
            **(_sentinel_options(url) if is_sentinel else {}),
        },
    )
    return app


def _sentinels(url: RedisUrl) -> str:
    """The sentinels as kombu expects them, each with the user and password of the servers."""
    login = f"{quote(url.username or '', safe='')}:{quote(url.password or '', safe='')}@"
    hosts = (f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in url.hosts)
    return ";".join(f"sentinel://{login}{host}/{url.database}" for host in hosts)


def _sentinel_options(url: RedisUrl) -> dict[str, Any]:
    """What kombu needs to find the primary. A sentinel that is down is not asked again."""
    sentinel = {**_TIMEOUTS, "password": url.sentinel_password, "retry": None}
    return {"master_name": url.master_name, "sentinel_kwargs": sentinel}


def load_lazy_parts(app: Celery) -> None:
    """Import what Celery imports when it first sends a message; call it on the main thread.

    Another thread that imports while the process ends could wait for a lock of the import system
    for ever.
    """
    app.finalize()
    for attribute in ("amqp.send_task_message", "producer_pool", "backend", "AsyncResult"):
        operator.attrgetter(attribute)(app)
    with app.connection_for_write() as connection:  # it does not connect
        operator.attrgetter("transport")(connection)
    codecs.lookup("idna")  # for names of hosts


def end_consumer_on_signals(limit: ExitLimit) -> None:
    """Let SIGTERM and SIGINT end the consumer, also one that is yet to start, and start the limit.

    Until Celery installs its own handlers, a signal sets the flag that those set. An exception
    instead could be raised anywhere, and leave a lock of the import system locked for ever.
    """

    def request_stop(*_: object, **__: object) -> None:
        """Handle a signal, or Celery's message that it handles one."""
        limit.start()
        consumer_state.should_stop = EX_OK

    for number in STOP_SIGNALS:
        signal.signal(number, request_stop)
    worker_shutting_down.connect(request_stop, weak=False)


def run_consumer(app: Celery, name: str, queues: Iterable[str], log_level: str) -> None:
    """Consume these queues until SIGTERM; the tasks return at once."""
    # Celery logs two lines per message; the service itself logs the outcome of each shard
    for verbose in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(verbose).setLevel(logging.WARNING)
    # Celery warns about running as root because of pickled messages; only JSON is accepted here
    warnings.simplefilter("ignore", SecurityWarning)
    app.worker_main(
        [
            "--quiet",
            "worker",
            "--pool=threads",
            f"--concurrency={CONSUMER_THREADS}",
            f"--hostname={name}",
            f"--queues={','.join(queues)}",
            f"--loglevel={log_level}",
            "--without-gossip",
            "--without-mingle",
        ]
    )


class TaskSender:
    """Sends notifications. It blocks a thread, not the event loop, while Redis is slow."""

    def __init__(self, redis_url: str) -> None:
        self._celery = make_celery(redis_url)
        load_lazy_parts(self._celery)

    async def send(self, notifications: Mapping[str, int]) -> None:
        """Send this number of notifications to each queue, unless it has enough of them.

        Raises:
            Unavailable: Redis does not answer. Some may have been sent; a duplicate is harmless.
        """
        await asyncio.to_thread(self._send, notifications)

    def _send(self, notifications: Mapping[str, int]) -> None:
        try:
            with self._celery.producer_or_acquire() as producer:
                for queue, count in notifications.items():
                    waiting = producer.channel.client.llen(queue)
                    for _ in range(min(count, MAX_WAITING_NOTIFICATIONS - waiting)):
                        task = _TASK_BY_QUEUE.get(queue, Task.GENERATE)
                        self._celery.send_task(task, queue=queue, retry=False, producer=producer)
        except (OperationalError, RedisError, OSError) as error:
            raise Unavailable("Redis") from error

    def close(self) -> None:
        """Close all connections."""
        self._celery.close()
