"""Celery application of the worker: passes each shard notification to the worker.

A task returns at once; the lease protects the shard, not the Celery message.
"""

from typing import Any

from celery import Celery, Task

from services.worker.worker import Worker
from shared.broker.celery_client import make_celery
from shared.broker.queues import Queue
from shared.broker.queues import Task as TaskName
from shared.messages import ShardNotification


def build_app(redis_url: str, worker: Worker) -> Celery:
    """The Celery application whose task notifies `worker` of queued shards."""
    app = make_celery(redis_url)

    @app.task(name=TaskName.GENERATE, bind=True, typing=False)  # type: ignore[untyped-decorator]  # Celery has no types
    def generate(task: Task, **message: Any) -> None:  # noqa: ANN401 - ShardNotification validates it
        queue = Queue(task.request.delivery_info["routing_key"])
        worker.on_notification(queue, ShardNotification.model_validate(message))

    return app
