"""Flower, the live view of the queues, beside a stack that runs; behind a password.

Refuses to start a stack: its worker list stays empty for workers that come before it.
"""

import os
import sys

from rich.console import Console

from deploy.local.errors import NotRunning
from deploy.local.settings import LocalSettings, inherited
from deploy.local.state_dir import LOOPBACK, Folder
from deploy.local.valkey import Valkey

USER = "ostinato"
PORT = 5555


def flower(settings: LocalSettings, console: Console) -> int:
    """Become Flower."""
    folder = Folder(settings.var)
    if not folder.is_taken():
        raise NotRunning(f"No stack runs in {folder.path}: start one with `make up`.")
    folder.choose_ports(flower=PORT)
    port, password = folder.port("flower"), folder.secret("flower_password")
    console.print(f"Flower: http://{LOOPBACK}:{port}")
    console.print(f"user {USER}, password {password}")
    environment = inherited() | {
        "CELERY_BROKER_URL": Valkey(folder).url,
        "FLOWER_ADDRESS": LOOPBACK,
        "FLOWER_PORT": str(port),
        "FLOWER_BASIC_AUTH": f"{USER}:{password}",
    }
    os.execve(sys.executable, [sys.executable, "-m", "celery", "flower"], environment)  # noqa: S606
