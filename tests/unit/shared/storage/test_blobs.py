"""Blobs, in a folder and under another of fsspec's protocols: whole or not at all."""

import io
from pathlib import Path

import pytest

from shared.storage.blobs import Blobs


@pytest.fixture(params=["folder", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return Blobs(str(tmp_path / "blobs") if request.param == "folder" else "memory://blobs")


def test_a_blob_is_read_as_it_was_put(blobs: Blobs) -> None:
    blobs.put("some/key", io.BytesIO(b"music" * 1000))
    with blobs.open("some/key") as blob:
        assert blob.read() == b"music" * 1000


def test_a_blob_that_is_not_there_is_not_found(blobs: Blobs) -> None:
    with pytest.raises(FileNotFoundError):
        blobs.open("no/such")


class Broken(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError(size)


def test_a_blob_whose_source_breaks_is_not_there(blobs: Blobs) -> None:
    with pytest.raises(OSError, match=r"\d"):
        blobs.put("half/way", Broken())
    for key in ("half/way", "half/way.unfinished"):
        with pytest.raises(FileNotFoundError):
            blobs.open(key)


def test_a_blob_that_was_removed_is_not_there(blobs: Blobs) -> None:
    blobs.put("not/wanted", io.BytesIO(b"music"))
    blobs.remove("not/wanted")
    with pytest.raises(FileNotFoundError):
        blobs.open("not/wanted")
