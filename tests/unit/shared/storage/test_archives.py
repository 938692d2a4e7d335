"""Uploaded zips: malicious archives are rejected, and unpacking is bounded."""

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
from tests.support.midi import read_case


def zipped(*names: str, content: bytes = b"MThd") -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return file


def test_midi_files_are_counted_in_any_folder() -> None:
    assert count_midi_files(zipped("a.mid", "deep/er/B.MIDI", "read.me")) == 2


@pytest.mark.parametrize(
    "name", ["/etc/a.mid", "../a.mid", "x/../../a.mid", "c:\\a.mid", "..\\a.mid", "\\\\a\\b\\c.mid"]
)
def test_a_path_outside_the_zip_is_rejected(name: str) -> None:
    with pytest.raises(InvalidArchive, match="outside the zip"):
        count_midi_files(zipped(name))


def test_a_zip_bomb_is_rejected() -> None:
    with pytest.raises(InvalidArchive, match="would unpack"):
        count_midi_files(zipped("a.mid", content=bytes(10_000_000)))


def test_too_many_entries_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_FILES", 2)
    with pytest.raises(InvalidArchive, match="at most 2"):
        count_midi_files(zipped("a.mid", "b.mid", "c.mid"))


def test_a_long_directory_is_rejected_before_it_is_parsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archives, "MAX_DIRECTORY_BYTES", 200)
    with pytest.raises(InvalidArchive, match="too many entries"):
        count_midi_files(zipped("a" * 300 + ".mid"))


@pytest.mark.parametrize(("offset", "byte"), [(6, 0xFF), (8, 0x08)], ids=["version", "name"])
def test_a_zip_that_python_cannot_read_is_rejected(offset: int, byte: int) -> None:
    """The zip needs a newer version, or has a name that is declared as UTF-8 and is not."""
    data = bytearray(zipped("\xe9.mid").getvalue())
    entry = data.index(archives.ENTRY_SIGNATURE)
    data[entry + offset] = byte
    data[data.rindex("\xe9.mid".encode())] = 0xFF
    with pytest.raises(InvalidArchive, match="not a valid zip"):
        count_midi_files(io.BytesIO(data))


def test_a_body_that_is_not_a_zip_and_a_zip_without_midi_files_are_rejected() -> None:
    with pytest.raises(InvalidArchive, match="not a valid zip"):
        count_midi_files(io.BytesIO(b"PK but no zip"))
    with pytest.raises(InvalidArchive, match=r"no \.mid"):
        count_midi_files(zipped("a.txt"))


def test_a_folder_with_a_midi_suffix_is_not_counted() -> None:
    assert count_midi_files(zipped("a.mid", "album.mid/", "album.mid/b.mid")) == 2


def test_an_encrypted_zip_is_rejected() -> None:
    data = bytearray(zipped("a.mid").getvalue())
    data[data.index(archives.ENTRY_SIGNATURE) + 8] |= archives.ENCRYPTED_FLAG
    with pytest.raises(InvalidArchive, match="without a password"):
        count_midi_files(io.BytesIO(data))


def unpacked(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_only_midi_files_are_unpacked_and_named_by_index(tmp_path: Path) -> None:
    file = zipped("a.mid", "deep/er/B.MIDI", "read.me", "run.sh", content=b"MThd music")
    found = unpack_midi_files(file, tmp_path, max_bytes=100)
    assert found.midi_files == {"00000.mid": "a.mid", "00001.mid": "deep/er/B.MIDI"}
    assert found.others == ("read.me", "run.sh")
    assert unpacked(tmp_path) == {"00000.mid": b"MThd music", "00001.mid": b"MThd music"}


def test_backslashes_separate_folders(tmp_path: Path) -> None:
    file = io.BytesIO(read_case("ps51.zip"))
    names = unpack_midi_files(file, tmp_path, max_bytes=10_000).midi_files
    assert list(names.values()) == [f"tunes/sub/song{number}.mid" for number in range(25)]


def test_what_an_operating_system_adds_is_ignored(tmp_path: Path) -> None:
    file = io.BytesIO(read_case("mac.zip"))
    found = unpack_midi_files(file, tmp_path, max_bytes=10_000)
    assert list(found.midi_files.values()) == [f"My Tunes/Song {n}.mid" for n in range(25)]
    assert found.others == ()


def test_a_zip_of_zips_says_what_to_do() -> None:
    with pytest.raises(InvalidArchive, match="it has zips, which have to be unpacked first"):
        count_midi_files(io.BytesIO(read_case("zip-in-zip.zip")))


@pytest.mark.parametrize("name", ["a.kar", "a.rmi", "a.MID", "a.musicxml", "a.mxl", "a.abc"])
def test_every_ending_of_music_is_known(name: str) -> None:
    assert count_midi_files(zipped(name)) == 1


def test_a_long_file_is_cut_after_the_limit_and_one_byte(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(300_000)  # noqa: S311 - no secret
    unpack_midi_files(zipped("a.mid", content=noise), tmp_path, max_bytes=100_000)
    assert unpacked(tmp_path) == {"00000.mid": noise[:100_001]}


def test_a_file_ends_at_the_size_that_the_directory_declares(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(300_000)  # noqa: S311 - no secret
    data = bytearray(zipped("a.mid", content=noise).getvalue())
    entry = data.index(archives.ENTRY_SIGNATURE)
    data[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    assert len(unpack_midi_files(io.BytesIO(data), tmp_path, max_bytes=100_000).midi_files) == 1
    assert len(unpacked(tmp_path)["00000.mid"]) <= 1000


def test_a_corrupt_member_ends_at_the_error(tmp_path: Path) -> None:
    file = zipped("a.mid", "b.mid", content=random.Random(2).randbytes(5000))  # noqa: S311
    data = bytearray(file.getvalue())
    data[1000:1100] = bytes(100)
    assert len(unpack_midi_files(io.BytesIO(data), tmp_path, max_bytes=10_000).midi_files) == 2
    assert len(unpacked(tmp_path)["00001.mid"]) == 5000


def test_a_member_with_an_invalid_name_does_not_affect_the_others(tmp_path: Path) -> None:
    """The name is valid in the directory, but not in the header of the member."""
    data = bytearray(zipped("a.mid", "\xe9.mid", "c.mid").getvalue())
    data[data.index("\xe9.mid".encode())] = 0xFF
    assert len(unpack_midi_files(io.BytesIO(data), tmp_path, max_bytes=100).midi_files) == 3
    assert [*unpacked(tmp_path).values()].count(b"MThd") == 2


@pytest.mark.parametrize("offset", [2**40, 2**63 - 1, 2**64 - 1])
@pytest.mark.parametrize("on_disk", [True, False])
def test_a_member_with_an_impossible_offset_does_not_affect_the_others(
    tmp_path: Path, offset: int, *, on_disk: bool
) -> None:
    """A file on disk and one in memory raise different errors."""
    data = bytearray(zipped("a.mid", "b.mid").getvalue())
    set_offset_of_last_member(data, offset)
    (tmp_path / "zip").write_bytes(data)
    (tmp_path / "unpacked").mkdir()
    with (tmp_path / "zip").open("rb") if on_disk else io.BytesIO(data) as file:
        assert len(unpack_midi_files(file, tmp_path / "unpacked", max_bytes=100).midi_files) == 2
    assert unpacked(tmp_path / "unpacked") == {"00000.mid": b"MThd", "00001.mid": b""}


def set_offset_of_last_member(data: bytearray, offset: int) -> None:
    """Set the offset in a ZIP64 extra field (APPNOTE.TXT, section 4.5.3)."""
    entry, end = data.rindex(archives.ENTRY_SIGNATURE), data.rindex(b"PK\5\6")
    extra = struct.pack("<HHQ", 1, 8, offset)
    size = int.from_bytes(data[end + 12 : end + 16], "little") + len(extra)
    data[end + 12 : end + 16] = size.to_bytes(4, "little")
    data[entry + 30 : entry + 32] = len(extra).to_bytes(2, "little")
    data[entry + 42 : entry + 46] = b"\xff" * 4
    data[end:end] = extra


def test_a_member_that_needs_too_much_memory_does_not_affect_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member declares the size of its LZMA dictionary: up to 4 GB."""
    file = zipped("a.mid")
    with zipfile.ZipFile(file, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("b.mid", b"MThd")

    def raise_memory_error(*_: object, **__: object) -> NoReturn:
        raise MemoryError

    monkeypatch.setattr(lzma, "LZMADecompressor", raise_memory_error)
    assert len(unpack_midi_files(file, tmp_path, max_bytes=100).midi_files) == 2
    assert unpacked(tmp_path) == {"00000.mid": b"MThd", "00001.mid": b""}


def test_an_error_of_the_disk_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> NoReturn:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(zipfile.ZipExtFile, "read", fail)
    with pytest.raises(OSError, match="Input/output error"):
        unpack_midi_files(zipped("a.mid"), tmp_path, max_bytes=100)


def test_the_unpacked_bytes_are_limited_even_if_the_directory_understates_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "_check_sizes", lambda _: None)
    monkeypatch.setattr(archives, "MAX_UNPACKED_BYTES", 8000)
    noise = random.Random(3).randbytes(5000)  # noqa: S311 - no secret
    with pytest.raises(InvalidArchive, match="unpacks to more than 8,000 bytes"):
        unpack_midi_files(zipped("a.mid", "b.mid", content=noise), tmp_path, max_bytes=10_000)
