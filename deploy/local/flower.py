"""Flower, the live view of the Celery queues, for a stack that is running.

It shows only the workers that are running when it starts, so it does not start a stack itself.
"""

import os
import sys

from rich.console import Console

from deploy.local.errors import NotRunning
from deploy.local.machine.ports import LOOPBACK
from deploy.local.settings import LocalSettings, inherited_environment
from deploy.local.state_dir import StateDir
from deploy.local.valkey import Valkey

USER = "ostinato"
DEFAULT_PORT = 5555


def flower(settings: LocalSettings, console: Console) -> int:
    """Replace this process with Flower, protected by a password."""
    state_dir = StateDir(settings.state_dir)
    if not state_dir.is_locked():
        raise NotRunning(
            f"No stack is running in {state_dir.path} (OSTINATO_STATE_DIR): start one with "
            "`make up`."
        )
    state_dir.allocate_ports(flower=DEFAULT_PORT)
    port, password = state_dir.port("flower"), state_dir.secret("flower_password")
    console.print(f"Flower: http://{LOOPBACK}:{port}")
    console.print(f"user {USER}, password {password}")
    env = inherited_environment() | {
        "CELERY_BROKER_URL": Valkey(state_dir).url,
        "FLOWER_ADDRESS": LOOPBACK,
        "FLOWER_PORT": str(port),
        "FLOWER_BASIC_AUTH": f"{USER}:{password}",
    }
    os.execve(sys.executable, [sys.executable, "-m", "celery", "flower"], env)  # noqa: S606
