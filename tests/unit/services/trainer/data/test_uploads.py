"""The zip of a data set becomes a source of music, whose files are gone afterwards."""

from pathlib import Path
from uuid import uuid4

import pytest

from services.trainer.data.catalog import DatasetNotFound
from services.trainer.data.dataset import load_dataset
from services.trainer.data.uploads import unpacked
from shared.errors import InvalidArchive
from shared.storage.archives import blob_of
from shared.storage.blobs import Blobs
from tests.tunes import tunes, zipped


def test_a_data_set_is_read_out_of_its_zip(tmp_path: Path) -> None:
    blobs, dataset_id = Blobs(str(tmp_path / "blobs")), uuid4()
    blobs.put(blob_of(dataset_id), tunes(12))
    folder = tmp_path / "attempt"
    folder.mkdir()
    with unpacked(blobs, dataset_id, "mine", folder) as source:
        dataset = load_dataset(source, tmp_path)
    assert (dataset.name, dataset.report.found, dataset.report.kept) == ("mine", 12, 12)
    assert str(dataset_id) in dataset.about
    assert list(folder.iterdir()) == []


def test_a_zip_that_is_gone_is_missed(tmp_path: Path) -> None:
    blobs = Blobs(str(tmp_path / "blobs"))
    with (
        pytest.raises(DatasetNotFound, match="hand it in again"),
        unpacked(blobs, uuid4(), "mine", tmp_path),
    ):
        pytest.fail("it was there")


def test_a_zip_that_has_become_harmful_is_refused(tmp_path: Path) -> None:
    blobs, dataset_id = Blobs(str(tmp_path / "blobs")), uuid4()
    blobs.put(blob_of(dataset_id), zipped({"../a.mid": b"MThd"}))
    with (
        pytest.raises(InvalidArchive, match="leads out"),
        unpacked(blobs, dataset_id, "mine", tmp_path),
    ):
        pytest.fail("it was unpacked")
