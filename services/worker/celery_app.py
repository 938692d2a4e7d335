"""Celery application of the worker: wakes the worker up when shards are queued.

A task returns at once; the lease protects the shard, not the Celery message.
"""

import os

from celery import Celery
from celery.worker import state

from services.worker.worker import Worker
from shared.broker.celery_client import make_celery
from shared.broker.queues import Task


def build_app(redis_url: str, worker: Worker) -> Celery:
    """The Celery application whose task notifies `worker` of queued shards."""
    app = make_celery(redis_url)

    # A message of an older release names a shard, which the worker finds in the queue as well.
    @app.task(name=Task.GENERATE, typing=False)  # type: ignore[untyped-decorator]  # Celery has no types
    def generate(**_: object) -> None:
        worker.on_notification()

    return app


def stop_consumer() -> None:
    """Let `run_consumer` return, as it does after SIGTERM; callable from any thread."""
    state.should_stop = os.EX_OK
