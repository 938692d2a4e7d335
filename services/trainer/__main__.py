"""`python -m services.trainer`: read data sets, train, judge, and register, until TERM.

TERM lets a training write its checkpoint; KILL loses what came after the last one. Either way the
next trainer goes on from there.
"""

import logging
import os
import signal
import socket
import sys

from services.trainer.celery_app import build_app
from services.trainer.identity import Identity
from services.trainer.service import Workshop
from services.trainer.settings import TrainerSettings
from shared.broker.celery_client import consume
from shared.broker.queues import TrainerQueue
from shared.ids import new_id
from shared.logs import configure

log = logging.getLogger(__name__)


def main() -> None:
    """Begin to work, and consume hints until TERM."""
    settings = TrainerSettings()
    configure("trainer", settings.log_level)
    workshop = Workshop(settings, Identity(id=new_id(), lease=settings.lease))
    name = f"trainer-{os.getpid()}@{socket.gethostname()}"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # until Celery heeds it
    try:
        workshop.start()
        consume(build_app(settings.redis_url, workshop), name, TrainerQueue, settings.log_level)
    finally:
        log.info("Draining.")
        workshop.drain()
        log.info("Drained.")


if __name__ == "__main__":
    main()
