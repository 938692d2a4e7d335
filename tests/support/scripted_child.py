"""Child program of a trainer that behaves as the name of its data set demands."""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable

from ostinato.schemas.datasets import DatasetReport
from services.trainer.ipc.channel import StopRequested, SupervisorChannel, run_child
from services.trainer.ipc.messages import DatasetImported, DatasetImportSpec
from shared.errors import UserError

REPORT = DatasetReport(
    found=1,
    skipped={},
    used=1,
    duplicate_groups=1,
    train=1,
    held_out=0,
    test=0,
    num_notes=1,
    hours=0.0,
)


class Rejected(UserError):
    """The error of `reject`."""

    code = "rejected"


def succeed(_channel: SupervisorChannel) -> DatasetImported:
    return DatasetImported(report=REPORT)


def reject(_channel: SupervisorChannel) -> DatasetImported:
    raise Rejected("Upload something else.")


def die(_channel: SupervisorChannel) -> DatasetImported:
    os._exit(3)


def exceed_file_size(_channel: SupervisorChannel) -> DatasetImported:
    """Write a larger file than permitted."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    with tempfile.TemporaryFile() as file:
        file.write(bytes(2000))
    return DatasetImported(report=REPORT)


def exceed_memory(_channel: SupervisorChannel) -> DatasetImported:
    """Allocate more memory than permitted."""
    limit = 4 << 30
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    bytes(limit)
    return DatasetImported(report=REPORT)


def wait(channel: SupervisorChannel) -> DatasetImported:
    """Wait until SIGTERM."""
    channel.stop_requested.wait()
    raise StopRequested


def ignore_sigterm(_channel: SupervisorChannel) -> DatasetImported:
    """Ignore SIGTERM, and start another process that keeps running."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    threading.Event().wait()
    raise StopRequested


BEHAVIORS: dict[str, Callable[[SupervisorChannel], DatasetImported]] = {
    "succeed": succeed,
    "reject": reject,
    "die": die,
    "exceed-file-size": exceed_file_size,
    "exceed-memory": exceed_memory,
    "wait": wait,
    "ignore-sigterm": ignore_sigterm,
}


def run(channel: SupervisorChannel) -> DatasetImported:
    return BEHAVIORS[channel.receive(DatasetImportSpec).name](channel)


if __name__ == "__main__":
    channel = SupervisorChannel.from_stdio()
    signal.signal(signal.SIGTERM, lambda *_: channel.stop_requested.set())
    sys.exit(run_child(channel, run))
