"""Child program of the trainer: parses an uploaded data set and reports on it.

Memory and time are limited, since the files are untrusted.
"""

import resource
import signal
import sys
from dataclasses import asdict
from types import FrameType

from ostinato.schemas.datasets import DatasetReport
from services.trainer.data.dataset import load_dataset
from services.trainer.data.uploads import unpack_upload
from services.trainer.ipc.channel import SupervisorChannel, run_child
from services.trainer.ipc.messages import DatasetImported, DatasetImportSpec
from services.trainer.ipc.progress import ProgressReporter
from services.trainer.ipc.workdir import create_attempt_dir
from shared.errors import UserError
from shared.logs import configure
from shared.storage.blobs import Blobs

MAX_MEMORY = 6 << 30
"""Limit on the address space, in bytes."""
MAX_SECONDS = 3600


class DatasetTooLarge(UserError):
    """A data set needs more memory or time than permitted; upload it in parts."""

    code = "dataset_too_large"
    status = 422


def inspect(channel: SupervisorChannel) -> DatasetImported:
    """Parse the data set that the supervisor names."""
    spec = channel.receive(DatasetImportSpec)
    folder = create_attempt_dir(spec.paths.cache_dir, spec.job_id, spec.attempt)
    blobs, track = Blobs(spec.paths.storage_url), ProgressReporter(channel).track
    try:
        with unpack_upload(blobs, spec.job_id, spec.name, folder) as source:
            dataset = load_dataset(source, spec.paths.cache_dir, track)
    except MemoryError as error:
        raise DatasetTooLarge(
            f"{spec.name} does not fit into {MAX_MEMORY >> 30} GiB of memory; upload it in parts."
        ) from error
    return DatasetImported(report=DatasetReport(**asdict(dataset.counts)))


def _limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    signal.signal(signal.SIGALRM, _on_timeout)
    signal.alarm(MAX_SECONDS)


def _on_timeout(_number: int, _frame: FrameType | None) -> None:
    raise DatasetTooLarge(
        f"The data set was not parsed within {MAX_SECONDS // 60} minutes; upload it in parts."
    )


if __name__ == "__main__":
    channel = SupervisorChannel.from_stdio()
    configure("trainer")
    _limit_resources()
    sys.exit(run_child(channel, inspect))
