"""Zips of other people's MIDI files: looked over by their directory, and unpacked by counting.

What a directory says of sizes and names is believed only as far as it forbids something. Refuses to
read MIDI.
"""

import errno
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO
from uuid import UUID

from shared.errors import InvalidArchive

MAX_FILES = 50_000
MAX_DIRECTORY = 512 * MAX_FILES
"""Bytes of the directory, which zipfile reads whole: room for long names."""
MAX_UNPACKED = 4_000_000_000
"""Bytes, by the directory's own account."""
MAX_RATIO = 200
"""MIDI is packed to a third, rarely to a tenth: more is a bomb."""
CHUNK = 1 << 16
ENTRY = b"PK\1\2"
"""How an entry of the directory begins (PKWARE's APPNOTE.TXT, section 4.3.12)."""
SUFFIXES = {".mid", ".midi"}
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
    *(ValueError, OverflowError),  # of a name that is no UTF-8, and of a place that cannot be
    RuntimeError,  # of a method that this Python does not have
    MemoryError,  # of LZMA's dictionary, which is as large as the member says
)
"""What zipfile raises while it unpacks a member that is not what it should be."""
NO_FAULT_OF_THE_DISK = (None, errno.EINVAL)
"""bz2 has no error of its own for data that is none; a file has no place before its beginning."""
ENCRYPTED = 0x1
"""The flag of a member that a password keeps (APPNOTE.TXT, section 4.4.4)."""


def blob_of(dataset_id: UUID) -> str:
    """The key under which the zip of a data set is stored."""
    return f"datasets/{dataset_id}.zip"


def count_midi_files(file: IO[bytes]) -> int:
    """How many MIDI files a zip says it has.

    Raises:
        InvalidArchive: it is no zip, has none, or is made to do harm; the detail says how.
    """
    members = _directory(file)
    _check_sizes(members)
    for member in members:
        _check_path(member.filename)
    tunes = list(_midi_files(members))
    if not tunes:
        raise InvalidArchive("There is no .mid or .midi file in this zip.")
    if any(member.flag_bits & ENCRYPTED for member in tunes):
        raise InvalidArchive("This zip is encrypted; make one without a password.")
    return len(tunes)


def unpack_midi_files(file: IO[bytes], folder: Path, *, longest: int) -> int:
    """Write the MIDI files of a zip into a folder, each under its number; how many there are.

    Of one that is longer than `longest` bytes, one byte more than that is written: enough to tell.
    One that cannot be unpacked is left as far as it could.

    Raises:
        InvalidArchive: it is no zip, or made to do harm.
    """
    count_midi_files(file)
    room = MAX_UNPACKED
    with zipfile.ZipFile(file) as archive:
        members = list(_midi_files(archive.infolist()))
        for number, member in enumerate(members):
            with (folder / f"{number:05d}.mid").open("wb") as target:
                room -= _unpack(archive, member, target, longest)
            if room < 0:
                raise InvalidArchive(f"This zip unpacks to more than {MAX_UNPACKED:,} bytes.")
    return len(members)


def _unpack(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: IO[bytes], longest: int
) -> int:
    """How many bytes were written."""
    return sum(target.write(chunk) for chunk in _chunks(archive, member, longest + 1))


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> Iterator[bytes]:
    """What is in a member, as far as it can be read and at most `left` bytes."""
    try:
        with archive.open(member) as source:
            while left and (chunk := source.read(min(CHUNK, left))):
                left -= len(chunk)
                yield chunk
    except BROKEN:
        pass  # whoever reads the file will find that it is cut off
    except OSError as error:
        if error.errno not in NO_FAULT_OF_THE_DISK:
            raise


def _midi_files(members: list[zipfile.ZipInfo]) -> Iterator[zipfile.ZipInfo]:
    return (
        member
        for member in members
        if PurePosixPath(member.filename).suffix.lower() in SUFFIXES and not member.is_dir()
    )


def _directory(file: IO[bytes]) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(_Guarded(file)) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
        raise InvalidArchive(f"The body is no zip file: {error}.") from error


class _Guarded:
    """A file whose directory zipfile reads in one piece: a long one is refused unread.

    Otherwise each of its entries would be an object before anybody could count them.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.seek = file.seek
        self.tell = file.tell
        self._read = file.read

    def read(self, size: int = -1) -> bytes:
        read = self._read(size) if size <= MAX_DIRECTORY else b""
        if size > MAX_DIRECTORY or read.count(ENTRY) > MAX_FILES:
            raise InvalidArchive(f"This zip has too many entries; send at most {MAX_FILES:,}.")
        return read


def _check_sizes(members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > min(MAX_UNPACKED, MAX_RATIO * max(packed, 1)):
        raise InvalidArchive(
            f"This zip would unpack from {packed:,} to {unpacked:,} bytes; at most "
            f"{MAX_UNPACKED:,} and {MAX_RATIO} times are taken."
        )


def _check_path(name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        raise InvalidArchive(f"The path {name!r} leads out of the zip; store plain relative paths.")
