"""Sources of data sets: named sets, or an uploaded one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from services.trainer.data.dataset import DatasetSource
from services.trainer.data.uploads import unpack_upload
from services.trainer.settings import StoragePaths
from shared.storage.blobs import Blobs


@contextmanager
def open_sources(
    names: Sequence[str], upload_id: UUID | None, paths: StoragePaths, folder: Path
) -> Iterator[list[DatasetSource]]:
    """Yield a source for each name; the sources can be parsed within the block.

    With an `upload_id`, there is one name, which the owner of the upload chose. The files of that
    data set are unpacked below `folder`.

    Raises:
        DatasetNotFound: a named set is not installed, or the archive is no longer in storage.
    """
    if upload_id is None:
        yield [DatasetSource.from_name(name, paths.datasets_dir) for name in names]
        return
    [name] = names
    with unpack_upload(Blobs(paths.storage_url), upload_id, name, folder) as (source, _):
        yield [source]
