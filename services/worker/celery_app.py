"""Celery in front of a worker: it reads hints and offers them, and does nothing else.

A task returns at once; the lease protects the work, not the message.
"""

from typing import Any

from celery import Celery, Task

from services.worker.worker import Worker
from shared.broker.celery_client import make_celery
from shared.broker.queues import Queue
from shared.broker.queues import Task as TaskName
from shared.messages import Hint


def build_app(redis_url: str, worker: Worker) -> Celery:
    """The Celery application whose tasks offer shards to this worker."""
    app = make_celery(redis_url)

    @app.task(name=TaskName.GENERATE, bind=True, typing=False)  # type: ignore[untyped-decorator]  # Celery has no types
    def generate(task: Task, **hint: Any) -> None:  # noqa: ANN401 - Hint validates it
        queue = Queue(task.request.delivery_info["routing_key"])
        worker.offer(queue, Hint.model_validate(hint))

    return app
