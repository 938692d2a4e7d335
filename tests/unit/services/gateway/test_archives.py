"""Zips are looked over before anything is unpacked."""

import io
import zipfile

import pytest

from services.gateway import archives
from services.gateway.archives import count_midi_files
from shared.errors import InvalidArchive


def zipped(*names: str, content: bytes = b"MThd") -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return file


def test_midi_files_are_counted_in_any_folder() -> None:
    assert count_midi_files(zipped("a.mid", "deep/er/B.MIDI", "read.me")) == 2


@pytest.mark.parametrize("name", ["/etc/a.mid", "../a.mid", "x/../../a.mid", "c:\\a.mid"])
def test_a_path_that_leads_out_is_refused(name: str) -> None:
    with pytest.raises(InvalidArchive, match="leads out"):
        count_midi_files(zipped(name))


def test_a_bomb_is_refused() -> None:
    with pytest.raises(InvalidArchive, match="would unpack"):
        count_midi_files(zipped("a.mid", content=bytes(10_000_000)))


def test_too_many_entries_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_FILES", 2)
    with pytest.raises(InvalidArchive, match="at most 2"):
        count_midi_files(zipped("a.mid", "b.mid", "c.mid"))


def test_a_long_directory_is_refused_before_its_entries_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archives, "MAX_DIRECTORY", 200)
    with pytest.raises(InvalidArchive, match="too many entries"):
        count_midi_files(zipped("a" * 300 + ".mid"))


@pytest.mark.parametrize(("at", "byte"), [(6, 0xFF), (8, 0x08)], ids=["version", "name"])
def test_a_zip_that_python_cannot_read_is_refused(at: int, byte: int) -> None:
    """Made by a version to come, or with a name that says it is UTF-8 and is not."""
    data = bytearray(zipped("\xe9.mid").getvalue())
    entry = data.index(archives.ENTRY)
    data[entry + at] = byte
    data[data.rindex("\xe9.mid".encode())] = 0xFF
    with pytest.raises(InvalidArchive, match="no zip"):
        count_midi_files(io.BytesIO(data))


def test_no_zip_and_no_midi_are_told_apart() -> None:
    with pytest.raises(InvalidArchive, match="no zip"):
        count_midi_files(io.BytesIO(b"PK but no zip"))
    with pytest.raises(InvalidArchive, match=r"no \.mid"):
        count_midi_files(zipped("a.txt"))
