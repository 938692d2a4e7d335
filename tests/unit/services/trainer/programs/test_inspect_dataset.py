"""The report on an uploaded data set."""

import io
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.trainer.ipc.channel import SupervisorChannel
from services.trainer.ipc.messages import DatasetImportSpec
from services.trainer.programs.inspect_dataset.__main__ import inspect
from services.trainer.settings import StoragePaths
from shared.storage.archives import dataset_key
from shared.storage.blobs import Blobs
from tests.support.midi import zip_of_random_midis
from tests.support.trainer.blobs import put

FAR_FUTURE = 10**9


class SpecChannel(SupervisorChannel):
    """A channel from which a spec can be read, and nothing else."""

    def __init__(self, spec: DatasetImportSpec) -> None:
        super().__init__(io.BytesIO(spec.model_dump_json().encode()), io.BytesIO())

    def _read_renewals(self) -> None:
        """Do nothing; the original method exits the process at the end of the input."""


@pytest.fixture
def dataset_id(tmp_path: Path) -> UUID:
    dataset_id = uuid4()
    put(Blobs(str(tmp_path / "blobs")), dataset_key(dataset_id), zip_of_random_midis(12))
    return dataset_id


def channel(dataset_id: UUID, folder: Path) -> SpecChannel:
    paths = StoragePaths(
        cache_dir=folder,
        datasets_dir=None,
        checkpoints_dir=folder,
        storage_url=str(folder / "blobs"),
    )
    return SpecChannel(
        DatasetImportSpec(
            lease_deadline=FAR_FUTURE, job_id=dataset_id, attempt=1, paths=paths, name="mine"
        )
    )


def test_the_report_counts_the_files_of_the_upload(dataset_id: UUID, tmp_path: Path) -> None:
    report = inspect(channel(dataset_id, tmp_path)).report
    assert (report.found, report.used, report.num_notes) == (12, 12, 12 * 40)
