"""The report on an uploaded data set, and the limits on memory and time."""

import io
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from services.trainer.ipc.channel import SupervisorChannel
from services.trainer.ipc.messages import DatasetImportSpec
from services.trainer.programs.inspect_dataset import __main__ as inspect_dataset
from services.trainer.programs.inspect_dataset.__main__ import DatasetTooLarge, inspect
from services.trainer.settings import StoragePaths
from shared.storage.archives import dataset_key
from shared.storage.blobs import Blobs
from tests.support.midi import zip_of_random_midis

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
    Blobs(str(tmp_path / "blobs")).put(dataset_key(dataset_id), zip_of_random_midis(12))
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


def test_a_data_set_that_does_not_fit_into_memory_is_too_large(
    dataset_id: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(inspect_dataset, "load_dataset", out_of_memory)
    with pytest.raises(DatasetTooLarge, match="does not fit into 6 GiB of memory; upload it in"):
        inspect(channel(dataset_id, tmp_path))


def test_a_data_set_that_takes_too_long_is_too_large() -> None:
    with pytest.raises(DatasetTooLarge, match="not parsed within 60 minutes"):
        inspect_dataset._on_timeout(0, None)
