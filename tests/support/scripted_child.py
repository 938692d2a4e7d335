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
from services.trainer.data.atomic_folder import atomic_folder
from services.trainer.ipc.channel import StopRequested, SupervisorChannel, run_child
from services.trainer.ipc.messages import (
    MAX_MESSAGE_BYTES,
    DatasetImported,
    DatasetImportSpec,
)
from services.trainer.ipc.workdir import create_attempt_dir
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


def succeed(_channel: SupervisorChannel, _spec: DatasetImportSpec) -> DatasetImported:
    return DatasetImported(report=REPORT)


def reject(_channel: SupervisorChannel, _spec: DatasetImportSpec) -> DatasetImported:
    raise Rejected("Upload something else.")


def die(_channel: SupervisorChannel, _spec: DatasetImportSpec) -> DatasetImported:
    os._exit(3)


def exceed_file_size(_channel: SupervisorChannel, _spec: DatasetImportSpec) -> DatasetImported:
    """Write a larger file than permitted."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    with tempfile.TemporaryFile() as file:
        file.write(bytes(2000))
    return DatasetImported(report=REPORT)


def exceed_memory(_channel: SupervisorChannel, _spec: DatasetImportSpec) -> DatasetImported:
    """Allocate more memory than permitted."""
    limit = 4 << 30
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    bytes(limit)
    return DatasetImported(report=REPORT)


def wait(channel: SupervisorChannel, _spec: DatasetImportSpec) -> DatasetImported:
    """Wait until SIGTERM."""
    channel.stop_requested.wait()
    raise StopRequested


def ignore_sigterm(_channel: SupervisorChannel, _spec: DatasetImportSpec) -> DatasetImported:
    """Ignore SIGTERM, and start another process that keeps running."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    threading.Event().wait()
    raise StopRequested


def hang_while_writing(_channel: SupervisorChannel, spec: DatasetImportSpec) -> DatasetImported:
    """Ignore SIGTERM, with a file in the attempt directory and a cache that is not finished."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    folder = create_attempt_dir(spec.paths.cache_dir, spec.job_id, spec.attempt)
    with atomic_folder(spec.paths.cache_dir / "datasets" / "mine", "index.json"):
        (folder / "hangs").touch()
        threading.Event().wait()
    raise StopRequested


def use_memory(_channel: SupervisorChannel, _spec: DatasetImportSpec) -> DatasetImported:
    """Let another process use 250 MB of memory."""
    hold = "import time; memory = b'x' * 250_000_000; time.sleep(600)"
    subprocess.run([sys.executable, "-c", hold], check=False)
    raise StopRequested


def use_processor(_channel: SupervisorChannel, _spec: DatasetImportSpec) -> DatasetImported:
    """Let another process use the processor."""
    subprocess.run([sys.executable, "-c", "while True: pass"], check=False)
    raise StopRequested


def send_too_much(_channel: SupervisorChannel, _spec: DatasetImportSpec) -> DatasetImported:
    """Return a result that is too long."""
    skipped = {"x" * MAX_MESSAGE_BYTES: 1}
    return DatasetImported(report=REPORT.model_copy(update={"skipped": skipped}))


Behavior = Callable[[SupervisorChannel, DatasetImportSpec], DatasetImported]

BEHAVIORS: dict[str, Behavior] = {
    "succeed": succeed,
    "reject": reject,
    "die": die,
    "exceed-file-size": exceed_file_size,
    "exceed-memory": exceed_memory,
    "wait": wait,
    "ignore-sigterm": ignore_sigterm,
    "hang-while-writing": hang_while_writing,
    "use-memory": use_memory,
    "use-processor": use_processor,
    "send-too-much": send_too_much,
}


def run(channel: SupervisorChannel) -> DatasetImported:
    spec = channel.receive(DatasetImportSpec)
    return BEHAVIORS[spec.name](channel, spec)


if __name__ == "__main__":
    channel = SupervisorChannel.from_stdio()
    signal.signal(signal.SIGTERM, lambda *_: channel.stop_requested.set())
    sys.exit(run_child(channel, run))
