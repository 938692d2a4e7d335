"""Blobs are written atomically, in a folder and with another protocol of fsspec."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.storage.blobs import Blobs
from tests.support.trainer.blobs import put


@pytest.fixture(params=["folder", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return Blobs(str(tmp_path / "blobs") if request.param == "folder" else "memory://blobs")


def test_a_blob_has_the_bytes_that_were_put(blobs: Blobs) -> None:
    put(blobs, "some/key", io.BytesIO(b"music" * 1000))
    with blobs.open("some/key") as blob:
        assert blob.read() == b"music" * 1000


def test_a_missing_blob_raises_file_not_found(blobs: Blobs) -> None:
    with pytest.raises(FileNotFoundError):
        blobs.open("no/such")


def test_an_upload_has_no_key_before_it_is_committed(blobs: Blobs) -> None:
    upload = blobs.upload("folder/key")
    upload.write(b"mu")
    upload.write(b"sic")
    with upload.open() as written:
        assert written.read() == b"music"
    with pytest.raises(FileNotFoundError):
        blobs.open("folder/key")
    assert blobs.keys("folder") == ["folder/key.unfinished"]
    upload.commit()
    assert blobs.keys("folder") == ["folder/key"]
    assert abs(datetime.now(UTC) - blobs.modified("folder/key")) < timedelta(minutes=1)
    upload.discard()
    assert blobs.keys("folder") == ["folder/key"]


@pytest.mark.parametrize("data", [b"", b"music"])
def test_a_discarded_upload_leaves_nothing(blobs: Blobs, data: bytes) -> None:
    upload = blobs.upload("discarded/key")
    if data:
        upload.write(data)
    upload.discard()
    assert blobs.keys("discarded") == []


def test_a_removed_blob_is_missing(blobs: Blobs) -> None:
    put(blobs, "removed/key", io.BytesIO(b"music"))
    blobs.remove("removed/key")
    with pytest.raises(FileNotFoundError):
        blobs.open("removed/key")
