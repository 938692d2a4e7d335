"""An uploaded archive is unpacked as a source, and its files are removed afterwards."""

from pathlib import Path
from uuid import uuid4

import pytest

from services.trainer.data.catalog import DatasetNotFound
from services.trainer.data.dataset import load_dataset
from services.trainer.data.uploads import unpack_upload
from shared.errors import InvalidArchive
from shared.storage.archives import dataset_key
from shared.storage.blobs import Blobs
from tests.support.midi import zip_of, zip_of_random_midis
from tests.support.trainer.blobs import put


def test_a_data_set_is_loaded_from_its_archive(tmp_path: Path) -> None:
    blobs, dataset_id = Blobs(str(tmp_path / "blobs")), uuid4()
    put(blobs, dataset_key(dataset_id), zip_of_random_midis(12))
    folder = tmp_path / "attempt"
    folder.mkdir()
    with unpack_upload(blobs, dataset_id, "mine", folder) as (source, _):
        dataset = load_dataset(source, tmp_path)
    assert (dataset.name, dataset.counts.found, dataset.counts.used) == ("mine", 12, 12)
    assert str(dataset_id) in dataset.description
    assert list(folder.iterdir()) == []


def test_a_missing_archive_is_an_error(tmp_path: Path) -> None:
    blobs = Blobs(str(tmp_path / "blobs"))
    with (
        pytest.raises(DatasetNotFound, match="upload it again"),
        unpack_upload(blobs, uuid4(), "mine", tmp_path),
    ):
        pytest.fail("the archive exists")


def test_an_archive_with_a_path_that_points_outside_is_rejected(tmp_path: Path) -> None:
    blobs, dataset_id = Blobs(str(tmp_path / "blobs")), uuid4()
    put(blobs, dataset_key(dataset_id), zip_of({"../a.mid": b"MThd"}))
    with (
        pytest.raises(InvalidArchive, match="points outside"),
        unpack_upload(blobs, dataset_id, "mine", tmp_path),
    ):
        pytest.fail("it was unpacked")
