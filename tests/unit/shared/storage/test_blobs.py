"""Blobs are written atomically, in a folder and with another protocol of fsspec."""

import io
from pathlib import Path

import pytest

from shared.storage.blobs import Blobs


@pytest.fixture(params=["folder", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return Blobs(str(tmp_path / "blobs") if request.param == "folder" else "memory://blobs")


def test_a_blob_has_the_bytes_that_were_put(blobs: Blobs) -> None:
    blobs.put("some/key", io.BytesIO(b"music" * 1000))
    with blobs.open("some/key") as blob:
        assert blob.read() == b"music" * 1000


def test_a_missing_blob_raises_file_not_found(blobs: Blobs) -> None:
    with pytest.raises(FileNotFoundError):
        blobs.open("no/such")


class FailingSource(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError(size)


def test_a_failing_source_leaves_no_blob(blobs: Blobs) -> None:
    with pytest.raises(OSError, match=r"\d"):
        blobs.put("failing/key", FailingSource())
    for key in ("failing/key", "failing/key.unfinished"):
        with pytest.raises(FileNotFoundError):
            blobs.open(key)


def test_a_removed_blob_is_missing(blobs: Blobs) -> None:
    blobs.put("removed/key", io.BytesIO(b"music"))
    blobs.remove("removed/key")
    with pytest.raises(FileNotFoundError):
        blobs.open("removed/key")
