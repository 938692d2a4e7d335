"""`python -m services.worker`: play until TERM, then drain.

A second TERM does not hasten it; KILL loses nothing, but the next worker starts those pieces again.
"""

import logging
import os
import socket

import torch

from services.worker.celery_app import build_app
from services.worker.model_registry import Repertoire
from services.worker.settings import WorkerSettings
from services.worker.worker import Worker
from shared.broker.celery_client import consume
from shared.broker.queues import Queue
from shared.ids import new_id
from shared.logs import configure

log = logging.getLogger(__name__)


def main() -> None:
    """Begin to play, load what is promoted, and consume hints until TERM."""
    settings = WorkerSettings()
    configure("worker", settings.log_level)
    repertoire = Repertoire(
        settings.checkpoints, device=torch.device(settings.device), slots=settings.slots
    )
    name = f"{os.getpid()}@{socket.gethostname()}"
    worker = Worker(settings, repertoire, worker_id=new_id(), name=name)
    worker.start()
    try:
        consume(build_app(settings.redis_url, worker), name, Queue, settings.log_level)
    finally:
        log.info("Draining.")
        worker.drain()
        log.info("Drained.")


if __name__ == "__main__":
    main()
