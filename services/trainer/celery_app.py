"""Celery application of the trainer: passes shard notifications to the service.

A task returns at once; the lease protects the job, not the Celery message.
"""

from celery import Celery

from services.trainer.service import TrainerService
from shared.broker.celery_client import make_celery
from shared.broker.queues import TASK_BY_QUEUE, TrainerQueue


def build_app(redis_url: str, service: TrainerService) -> Celery:
    """The Celery application whose tasks notify `service` of queued jobs."""
    app = make_celery(redis_url)
    for queue, name in TASK_BY_QUEUE.items():
        _add_task(app, name, queue, service)
    return app


def _add_task(app: Celery, name: str, queue: TrainerQueue, service: TrainerService) -> None:
    @app.task(name=name, typing=False)  # type: ignore[untyped-decorator]  # Celery has no types
    def notify(**_: object) -> None:
        service.on_notification(queue)
