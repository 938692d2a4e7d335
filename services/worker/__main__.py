"""`python -m services.worker`: runs the worker service until SIGTERM.

After SIGTERM the worker drains; a second SIGTERM does not speed that up. After SIGKILL no job is
lost: another worker generates the unfinished melodies again.
"""

import gc
import logging
import os
import socket

import torch

from services.worker.celery_app import build_app
from services.worker.model_registry import ModelRegistry
from services.worker.settings import WorkerSettings
from services.worker.worker import Worker
from shared.broker.celery_client import end_consumer_on_signals, run_consumer
from shared.broker.queues import Queue
from shared.broker.server_check import check_redis_mode
from shared.ids import new_id
from shared.logs import configure
from shared.process_exit import ExitLimit
from shared.worker_identity import WorkerIdentity

log = logging.getLogger(__name__)


def main() -> None:
    """Start the worker, and consume shard notifications until SIGTERM."""
    settings = WorkerSettings.load()
    configure("worker", settings.log_level)
    check_redis_mode(settings)
    registry = ModelRegistry(
        settings.checkpoints_dir,
        device=torch.device(settings.device),
        max_num_seqs=settings.max_num_seqs,
    )
    name = f"{os.getpid()}@{socket.gethostname()}"
    identity = WorkerIdentity(id=new_id(), name=name, lease_duration=settings.lease_duration)
    worker = Worker(settings, registry, identity)
    app = build_app(settings.redis_url, worker)
    limit = ExitLimit(settings.drain_timeout_seconds)
    end_consumer_on_signals(limit)
    worker.start()
    try:
        run_consumer(app, name, Queue, settings.log_level)
    finally:
        limit.start()  # if the consumer failed, no signal has started it
        log.info("Draining.")
        worker.drain()
        log.info("Drained.")
        gc.freeze()  # a last collection, which the interpreter would make, takes a second


if __name__ == "__main__":
    main()
