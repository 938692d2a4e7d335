"""Zips are looked over before anything is unpacked, and counted while they are."""

import errno
import io
import lzma
import random
import struct
import zipfile
from pathlib import Path
from typing import NoReturn

import pytest

from shared.errors import InvalidArchive
from shared.storage import archives
from shared.storage.archives import count_midi_files, unpack_midi_files


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


def test_a_folder_that_is_called_like_a_tune_is_none() -> None:
    assert count_midi_files(zipped("a.mid", "album.mid/", "album.mid/b.mid")) == 2


def test_an_encrypted_zip_is_refused() -> None:
    data = bytearray(zipped("a.mid").getvalue())
    data[data.index(archives.ENTRY) + 8] |= archives.ENCRYPTED
    with pytest.raises(InvalidArchive, match="without a password"):
        count_midi_files(io.BytesIO(data))


def unpacked(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_only_midi_files_are_unpacked_each_under_its_number(tmp_path: Path) -> None:
    file = zipped("a.mid", "deep/er/B.MIDI", "read.me", "run.sh", content=b"MThd music")
    assert unpack_midi_files(file, tmp_path, longest=100) == 2
    assert unpacked(tmp_path) == {"00000.mid": b"MThd music", "00001.mid": b"MThd music"}


def test_of_a_long_one_just_enough_is_written_to_tell(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(300_000)  # noqa: S311 - no secret
    unpack_midi_files(zipped("a.mid", content=noise), tmp_path, longest=100_000)
    assert unpacked(tmp_path) == {"00000.mid": noise[:100_001]}


def test_one_whose_directory_lies_ends_where_it_was_said_to(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(300_000)  # noqa: S311 - no secret
    data = bytearray(zipped("a.mid", content=noise).getvalue())
    entry = data.index(archives.ENTRY)
    data[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    assert unpack_midi_files(io.BytesIO(data), tmp_path, longest=100_000) == 1
    assert len(unpacked(tmp_path)["00000.mid"]) <= 1000


def test_a_broken_member_is_left_as_far_as_it_could_be_read(tmp_path: Path) -> None:
    file = zipped("a.mid", "b.mid", content=random.Random(2).randbytes(5000))  # noqa: S311
    data = bytearray(file.getvalue())
    data[1000:1100] = bytes(100)
    assert unpack_midi_files(io.BytesIO(data), tmp_path, longest=10_000) == 2
    assert len(unpacked(tmp_path)["00001.mid"]) == 5000


def test_one_whose_own_name_is_no_utf8_spoils_no_other(tmp_path: Path) -> None:
    """The directory's name for it, which was looked over, is one."""
    data = bytearray(zipped("a.mid", "\xe9.mid", "c.mid").getvalue())
    data[data.index("\xe9.mid".encode())] = 0xFF
    assert unpack_midi_files(io.BytesIO(data), tmp_path, longest=100) == 3
    assert [*unpacked(tmp_path).values()].count(b"MThd") == 2


@pytest.mark.parametrize("offset", [2**40, 2**63 - 1, 2**64 - 1])
@pytest.mark.parametrize("on_disk", [True, False])
def test_one_that_lies_nowhere_spoils_no_other(
    tmp_path: Path, offset: int, *, on_disk: bool
) -> None:
    """Each kind of file has its own way to say that there is no such place in it."""
    data = bytearray(zipped("a.mid", "b.mid").getvalue())
    lie_about_the_offset(data, offset)
    (tmp_path / "zip").write_bytes(data)
    (tmp_path / "tunes").mkdir()
    with (tmp_path / "zip").open("rb") if on_disk else io.BytesIO(data) as file:
        assert unpack_midi_files(file, tmp_path / "tunes", longest=100) == 2
    assert unpacked(tmp_path / "tunes") == {"00000.mid": b"MThd", "00001.mid": b""}


def lie_about_the_offset(data: bytearray, offset: int) -> None:
    """Of the last member, in the ZIP64 way (APPNOTE.TXT, section 4.5.3)."""
    entry, end = data.rindex(archives.ENTRY), data.rindex(b"PK\5\6")
    extra = struct.pack("<HHQ", 1, 8, offset)
    size = int.from_bytes(data[end + 12 : end + 16], "little") + len(extra)
    data[end + 12 : end + 16] = size.to_bytes(4, "little")
    data[entry + 30 : entry + 32] = len(extra).to_bytes(2, "little")
    data[entry + 42 : entry + 46] = b"\xff" * 4
    data[end:end] = extra


def test_one_that_asks_for_more_memory_than_there_is_spoils_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LZMA's dictionary is as large as the member says: up to 4 GB."""
    file = zipped("a.mid")
    with zipfile.ZipFile(file, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("b.mid", b"MThd")

    def starve(*_: object, **__: object) -> NoReturn:
        raise MemoryError

    monkeypatch.setattr(lzma, "LZMADecompressor", starve)
    assert unpack_midi_files(file, tmp_path, longest=100) == 2
    assert unpacked(tmp_path) == {"00000.mid": b"MThd", "00001.mid": b""}


def test_a_disk_that_fails_is_no_fault_of_the_zip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(zipfile.ZipExtFile, "read", fail)
    with pytest.raises(OSError, match="Input/output error"):
        unpack_midi_files(zipped("a.mid"), tmp_path, longest=100)


def test_what_comes_out_is_counted_whatever_the_directory_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "_check_sizes", lambda _: None)
    monkeypatch.setattr(archives, "MAX_UNPACKED", 8000)
    noise = random.Random(3).randbytes(5000)  # noqa: S311 - no secret
    with pytest.raises(InvalidArchive, match="unpacks to more than 8,000 bytes"):
        unpack_midi_files(zipped("a.mid", "b.mid", content=noise), tmp_path, longest=10_000)
