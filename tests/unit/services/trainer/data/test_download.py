"""An archive is downloaded completely and with the published SHA-256, or rejected."""

import hashlib
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import typer

from services.trainer.data import download as module
from services.trainer.data.catalog import CATALOG
from services.trainer.data.download import ARCHIVES, Archive, DownloadFailed, main


class SilentHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An archive of a set on a local server."""
    published = tmp_path / "published"
    published.mkdir()
    with zipfile.ZipFile(published / "set.zip", "w") as archive_file:
        archive_file.writestr("root/2004/a.midi", b"MThd")
        archive_file.writestr("root/maestro-v3.0.0.csv", b"table")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SilentHandler, directory=str(published)))
    serve = partial(server.serve_forever, poll_interval=0.01)
    threading.Thread(target=serve, daemon=True).start()
    yield Archive(
        url=f"http://127.0.0.1:{server.server_port}/set.zip",
        sha256=hashlib.sha256((published / "set.zip").read_bytes()).hexdigest(),
        root="root",
    )
    server.shutdown()
    server.server_close()


def test_a_set_is_unpacked_into_its_folder(archive: Archive, tmp_path: Path) -> None:
    module.download(archive, tmp_path / "data" / "set")
    assert (tmp_path / "data" / "set" / "2004" / "a.midi").read_bytes() == b"MThd"
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["set"]


def test_an_archive_with_another_hash_is_not_unpacked(archive: Archive, tmp_path: Path) -> None:
    other = Archive(url=archive.url, sha256="0" * 64, root="root")
    with pytest.raises(DownloadFailed, match="expected 0000"):
        module.download(other, tmp_path / "data" / "set")
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.parametrize("path", ["/nothing.zip", ""])
def test_a_failed_download_is_reported_with_its_url(
    archive: Archive, tmp_path: Path, path: str
) -> None:
    url = archive.url.replace("/set.zip", path) if path else "http://127.0.0.1:1/set.zip"
    with pytest.raises(DownloadFailed, match=r"127\.0\.0\.1"):
        module.download(Archive(url=url, sha256="", root="root"), tmp_path / "set")


def test_the_command_downloads_to_the_folder_of_the_catalog(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTINATO_DATASETS_DIR", str(tmp_path / "data"))
    monkeypatch.setitem(module.ARCHIVES, "maestro", archive)
    main("maestro")
    folder = tmp_path / "data" / CATALOG["maestro"].path
    assert (folder / "maestro-v3.0.0.csv").exists()
    main("maestro")
    with pytest.raises(typer.BadParameter, match="available: maestro"):
        main("polka")
    monkeypatch.delenv("OSTINATO_DATASETS_DIR")
    with pytest.raises(typer.BadParameter, match="OSTINATO_DATASETS_DIR"):
        main("maestro")


def test_a_failed_download_exits_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTINATO_DATASETS_DIR", str(tmp_path))
    unreachable = Archive(url="http://127.0.0.1:1/", sha256="", root="")
    monkeypatch.setitem(module.ARCHIVES, "maestro", unreachable)
    with pytest.raises(typer.Exit) as error:
        main("maestro")
    assert error.value.exit_code == 1


def test_every_archive_is_of_a_set_of_the_catalog() -> None:
    assert set(ARCHIVES) <= set(CATALOG)
    assert all(len(archive.sha256) == 64 for archive in ARCHIVES.values())
