"""Zips of other people's files: looked over by their directory alone, before anything is unpacked.

Refuses to read a member; whoever unpacks one still has to count what comes out.
"""

import zipfile
from pathlib import PurePosixPath
from typing import IO

from shared.errors import InvalidArchive

MAX_FILES = 50_000
MAX_DIRECTORY = 512 * MAX_FILES
"""Bytes of the directory, which zipfile reads whole: room for long names."""
MAX_UNPACKED = 4_000_000_000
"""Bytes, by the directory's own account."""
MAX_RATIO = 200
"""MIDI is packed to a third, rarely to a tenth: more is a bomb."""
ENTRY = b"PK\1\2"
"""How an entry of the directory begins (PKWARE's APPNOTE.TXT, section 4.3.12)."""
SUFFIXES = {".mid", ".midi"}


def count_midi_files(file: IO[bytes]) -> int:
    """How many MIDI files a zip says it has.

    Raises:
        InvalidArchive: it is no zip, has none, or is made to do harm; the detail says how.
    """
    members = _directory(file)
    _check_sizes(members)
    for member in members:
        _check_path(member.filename)
    count = sum(PurePosixPath(member.filename).suffix.lower() in SUFFIXES for member in members)
    if count == 0:
        raise InvalidArchive("There is no .mid or .midi file in this zip.")
    return count


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
