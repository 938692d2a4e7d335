"""Uploaded data sets: a zip in blob storage, unpacked into MIDI files.

Archives are untrusted: unpacking enforces limits, and the files are parsed like all others.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from services.trainer.data.catalog import DatasetNotFound
from services.trainer.data.dataset import DatasetSource
from shared.midi.faults import MAX_BYTES
from shared.storage.archives import Unpacked, dataset_key, unpack_midi_files
from shared.storage.blobs import Blobs

UPLOAD_LICENSE = "known to the uploader"


@contextmanager
def unpack_upload(
    blobs: Blobs, dataset_id: UUID, name: str, folder: Path
) -> Iterator[tuple[DatasetSource, Unpacked]]:
    """Unpack the archive below `folder`; yield its source and what was unpacked.

    The files exist within the block.

    Raises:
        DatasetNotFound: the archive is no longer in storage.
        InvalidArchive: it is not a zip archive, or exceeds a limit.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix="unpacked-") as files:
        try:
            with blobs.open(dataset_key(dataset_id)) as file:
                unpacked = unpack_midi_files(file, Path(files), max_bytes=MAX_BYTES)
        except FileNotFoundError as error:
            detail = f"The archive of {name} is no longer in storage; upload it again."
            raise DatasetNotFound(detail, name=name) from error
        source = DatasetSource.from_folder(
            Path(files),
            name=name,
            description=f"uploaded as data set {dataset_id}",
            license=UPLOAD_LICENSE,
        )
        yield source, unpacked
