"""A data set that somebody handed in: its zip out of the storage, as a source of music.

Refuses to trust the zip: it is unpacked by counting, and its files are read like all others.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from services.trainer.data.catalog import DatasetNotFound
from services.trainer.data.dataset import Source
from services.trainer.data.parsed_file import MAX_BYTES
from shared.storage.archives import blob_of, unpack_midi_files
from shared.storage.blobs import Blobs

LICENCE = "known to the one who handed it in"


@contextmanager
def unpacked(blobs: Blobs, dataset_id: UUID, name: str, folder: Path) -> Iterator[Source]:
    """The source, which can be read while its files lie below `folder`.

    Raises:
        DatasetNotFound: the zip is not in the storage any more.
        InvalidArchive: it is no zip, or made to do harm.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix="unpacked-") as files:
        try:
            with blobs.open(blob_of(dataset_id)) as file:
                unpack_midi_files(file, Path(files), longest=MAX_BYTES)
        except FileNotFoundError as error:
            detail = f"The zip of {name} is not in the storage any more; hand it in again."
            raise DatasetNotFound(detail, name=name) from error
        yield Source.of_folder(
            Path(files), name=name, about=f"handed in as data set {dataset_id}", licence=LICENCE
        )
