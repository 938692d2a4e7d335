"""A set is fetched whole and as its publisher says, or not at all."""

import hashlib
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import typer

from services.trainer.data import download
from services.trainer.data.catalog import CATALOGUE
from services.trainer.data.download import ARCHIVES, Archive, DownloadFailed, fetch, main


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """A zip with a set in it, on a server of the test's own."""
    published = tmp_path / "published"
    published.mkdir()
    with zipfile.ZipFile(published / "set.zip", "w") as packed:
        packed.writestr("root/2004/a.midi", b"MThd")
        packed.writestr("root/maestro-v3.0.0.csv", b"table")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(published)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Archive(
        url=f"http://127.0.0.1:{server.server_port}/set.zip",
        sha256=hashlib.sha256((published / "set.zip").read_bytes()).hexdigest(),
        root="root",
    )
    server.shutdown()
    server.server_close()


def test_a_set_is_unpacked_into_its_folder(archive: Archive, tmp_path: Path) -> None:
    fetch(archive, tmp_path / "data" / "set")
    assert (tmp_path / "data" / "set" / "2004" / "a.midi").read_bytes() == b"MThd"
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["set"]


def test_another_archive_than_the_published_one_is_not_unpacked(
    archive: Archive, tmp_path: Path
) -> None:
    other = Archive(url=archive.url, sha256="0" * 64, root="root")
    with pytest.raises(DownloadFailed, match="expected 0000"):
        fetch(other, tmp_path / "data" / "set")
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.parametrize("path", ["/nothing.zip", ""])
def test_what_does_not_come_is_said(archive: Archive, tmp_path: Path, path: str) -> None:
    url = archive.url.replace("/set.zip", path) if path else "http://127.0.0.1:1/set.zip"
    with pytest.raises(DownloadFailed, match=r"127\.0\.0\.1"):
        fetch(Archive(url=url, sha256="", root="root"), tmp_path / "set")


def test_the_command_puts_it_where_the_catalogue_looks(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTINATO_DATA", str(tmp_path / "data"))
    monkeypatch.setitem(download.ARCHIVES, "maestro", archive)
    main("maestro")
    folder = tmp_path / "data" / CATALOGUE["maestro"].path
    assert (folder / "maestro-v3.0.0.csv").exists()
    main("maestro")
    with pytest.raises(typer.BadParameter, match="there are: maestro"):
        main("polka")
    monkeypatch.delenv("OSTINATO_DATA")
    with pytest.raises(typer.BadParameter, match="OSTINATO_DATA"):
        main("maestro")


def test_a_broken_line_ends_the_command_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTINATO_DATA", str(tmp_path))
    nowhere = Archive(url="http://127.0.0.1:1/", sha256="", root="")
    monkeypatch.setitem(download.ARCHIVES, "maestro", nowhere)
    with pytest.raises(typer.Exit):
        main("maestro")


def test_what_is_offered_is_in_the_catalogue() -> None:
    assert set(ARCHIVES) <= set(CATALOGUE)
    assert all(len(archive.sha256) == 64 for archive in ARCHIVES.values())
