"""Celery in front of a workshop: it reads hints and offers them, and does nothing else.

A task returns at once; the lease protects the work, not the message.
"""

from typing import Any

from celery import Celery

from services.trainer.service import Workshop
from shared.broker.celery_client import make_celery
from shared.broker.queues import TASK_OF, TrainerQueue
from shared.messages import Hint


def build_app(redis_url: str, workshop: Workshop) -> Celery:
    """The Celery application whose tasks offer errands to this workshop."""
    app = make_celery(redis_url)
    for queue, name in TASK_OF.items():
        _add_task(app, name, queue, workshop)
    return app


def _add_task(app: Celery, name: str, queue: TrainerQueue, workshop: Workshop) -> None:
    @app.task(name=name, typing=False)  # type: ignore[untyped-decorator]  # Celery has no types
    def offer(**hint: Any) -> None:  # noqa: ANN401 - Hint validates it
        workshop.offer(queue, Hint.model_validate(hint))
