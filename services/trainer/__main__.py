"""`python -m services.trainer`: runs the trainer service until SIGTERM.

On SIGTERM, a running training writes a checkpoint. After SIGKILL, the steps since its last
checkpoint are lost. In both cases the next attempt resumes it.
"""

import gc
import logging

from services.trainer.celery_app import build_app
from services.trainer.service import TrainerService
from services.trainer.settings import TrainerSettings
from shared.broker.celery_client import end_consumer_on_signals, run_consumer
from shared.broker.queues import TrainerQueue
from shared.broker.server_check import check_redis_mode
from shared.ids import new_id
from shared.logs import configure
from shared.process_exit import ExitLimit
from shared.worker_identity import WorkerIdentity, process_name

log = logging.getLogger(__name__)


def main() -> None:
    """Start the service, and consume shard notifications until SIGTERM."""
    settings = TrainerSettings.load()
    configure("trainer", settings.log_level, settings.log_format)
    check_redis_mode(settings)
    name = f"trainer-{process_name()}"
    service = TrainerService(
        settings, WorkerIdentity(id=new_id(), name=name, lease_duration=settings.lease_duration)
    )
    app = build_app(settings.redis_url, service)
    limit = ExitLimit(settings.drain_timeout_seconds)
    end_consumer_on_signals(limit)
    service.start()
    try:
        run_consumer(app, name, TrainerQueue, settings.log_level)
    finally:
        limit.start()  # if the consumer failed, no signal has started it
        log.info("Draining.")
        service.drain()
        log.info("Drained.")
        gc.freeze()  # a last collection, which the interpreter would make, takes a second


if __name__ == "__main__":
    main()
