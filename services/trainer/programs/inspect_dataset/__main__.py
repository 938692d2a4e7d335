"""Child program of the trainer: parses an uploaded data set and reports on it."""

import sys
from dataclasses import asdict

from ostinato.schemas.datasets import MAX_LISTED_FILES, DatasetReport, SkippedFile
from services.trainer.data.dataset import load_dataset
from services.trainer.data.parsed_file import SkipReason
from services.trainer.data.uploads import unpack_upload
from services.trainer.ipc.channel import SupervisorChannel, run_child
from services.trainer.ipc.messages import DatasetImported, DatasetImportSpec
from services.trainer.ipc.progress import ProgressReporter
from services.trainer.ipc.workdir import create_attempt_dir
from shared.logs import configure
from shared.settings import LogSettings
from shared.storage.blobs import Blobs

MAX_NAME_LENGTH = 255
"""A zip may have names of 64 kB, and a report has a thousand."""


def inspect(channel: SupervisorChannel) -> DatasetImported:
    """Parse the data set that the supervisor names."""
    spec = channel.receive(DatasetImportSpec)
    folder = create_attempt_dir(spec.paths.cache_dir, spec.job_id, spec.attempt)
    blobs, track = Blobs(spec.paths.storage_url), ProgressReporter(channel).track
    with unpack_upload(blobs, spec.job_id, spec.name, folder) as (source, unpacked):
        dataset = load_dataset(source, spec.paths.cache_dir, track)
    files = [
        SkippedFile(name=unpacked.midi_files[name][:MAX_NAME_LENGTH], reason=reason, detail=detail)
        for name, (reason, detail) in sorted(dataset.skipped.items())
    ]
    files += [
        SkippedFile(name=name[:MAX_NAME_LENGTH], reason=SkipReason.NOT_MIDI)
        for name in unpacked.others
    ]
    return DatasetImported(
        report=DatasetReport(
            **asdict(dataset.counts), skipped_files=tuple(files[:MAX_LISTED_FILES])
        )
    )


if __name__ == "__main__":
    channel = SupervisorChannel.from_stdio()
    configure("trainer", log_format=LogSettings.load().log_format)
    sys.exit(run_child(channel, inspect))
