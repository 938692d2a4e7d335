"""Named and uploaded data sets; a set that is not available is an error."""

from pathlib import Path
from uuid import uuid4

import pytest

from services.trainer.data.catalog import DatasetNotFound
from services.trainer.data.sources import open_sources
from services.trainer.settings import StoragePaths
from shared.storage.archives import dataset_key
from shared.storage.blobs import Blobs
from tests.support.midi import zip_of_random_midis
from tests.support.trainer.blobs import put


def paths(folder: Path, datasets_dir: Path | None = None) -> StoragePaths:
    return StoragePaths(
        cache_dir=folder,
        datasets_dir=datasets_dir,
        checkpoints_dir=folder,
        storage_url=str(folder / "blobs"),
    )


def test_named_sets_are_opened_from_the_configured_folder(
    datasets_dir: Path, tmp_path: Path
) -> None:
    names = ["folk", "music21"]
    with open_sources(names, None, paths(tmp_path, datasets_dir), tmp_path) as sources:
        assert [source.name for source in sources] == names


def test_the_error_names_the_missing_setting(tmp_path: Path) -> None:
    with (
        pytest.raises(DatasetNotFound, match="reference-mixed: OSTINATO_DATASETS_DIR is not set"),
        open_sources(["reference-mixed"], None, paths(tmp_path), tmp_path),
    ):
        pytest.fail("the set is not installed")


def test_an_uploaded_set_is_opened_from_blob_storage(tmp_path: Path) -> None:
    dataset_id = uuid4()
    put(Blobs(str(tmp_path / "blobs")), dataset_key(dataset_id), zip_of_random_midis(3))
    with open_sources(["music21"], dataset_id, paths(tmp_path), tmp_path) as [source]:
        assert source.name == "music21"
        assert str(dataset_id) in source.description
