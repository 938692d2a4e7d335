"""`python -m services.worker`: runs the worker service until SIGTERM.

After SIGTERM the worker drains; a second SIGTERM does not speed that up. After SIGKILL no job is
lost: another worker generates the unfinished melodies again. If its device fails, it ends with exit
code 1, so that its supervisor starts it again.
"""

import gc
import logging
import signal
import sys

import torch

from services.worker.celery_app import build_app, stop_consumer
from services.worker.isolation.process_end import (
    ProcessEnd,
    handed_over_shard,
    replace_process,
)
from services.worker.model_registry import ModelRegistry
from services.worker.settings import WorkerSettings
from services.worker.worker import Worker
from shared.broker.celery_client import end_consumer_on_signals, run_consumer
from shared.broker.queues import Queue
from shared.broker.server_check import check_redis_mode
from shared.ids import new_id
from shared.logs import configure
from shared.process_exit import ExitLimit
from shared.worker_identity import WorkerIdentity, process_name

log = logging.getLogger(__name__)


def main() -> None:
    """Start the worker, and consume shard notifications until SIGTERM."""
    settings = WorkerSettings.load()
    configure("worker", settings.log_level, settings.log_format)
    check_redis_mode(settings)
    registry = ModelRegistry(
        settings.checkpoints_dir,
        device=torch.device(settings.device),
        max_num_seqs=settings.max_num_seqs,
    )
    name = process_name()
    identity = WorkerIdentity(id=new_id(), name=name, lease_duration=settings.lease_duration)
    process_end = ProcessEnd(stop_consumer, handed_over=handed_over_shard(sys.argv[1:]))
    worker = Worker(settings, registry, identity, process_end=process_end)
    app = build_app(settings.redis_url, worker)
    limit = ExitLimit(settings.drain_timeout_seconds)
    end_consumer_on_signals(limit)
    worker.start()
    try:
        run_consumer(app, name, Queue, settings.log_level)
    finally:
        is_terminated = limit.is_started  # by a signal
        limit.start()
        log.info("Draining.")
        worker.drain()
        log.info("Drained.")
        gc.freeze()  # a last collection, which the interpreter would make, takes a second
    if worker.failure is not None:
        sys.exit(1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the process has drained: it may end at once
    if process_end.replaced_for is not None and not is_terminated:
        replace_process(process_end.replaced_for)


if __name__ == "__main__":
    main()
