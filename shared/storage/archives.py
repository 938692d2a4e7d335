"""Uploaded zips of MIDI files: checks and bounded unpacking.

The sizes and names in a zip's directory are untrusted: they are used only to reject an archive.
"""

import errno
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO
from uuid import UUID

from ostinato.schemas.datasets import LISTED_SUFFIXES, has_music_suffix
from shared.errors import InvalidArchive
from shared.zip_errors import MALFORMED_ZIP_ERRORS

MAX_FILES = 50_000
MAX_DIRECTORY_BYTES = 512 * MAX_FILES
"""zipfile reads the whole directory into memory; this limit allows for long names."""
MAX_UNPACKED_BYTES = 4_000_000_000
MAX_RATIO = 200
"""MIDI files are compressed to a third, rarely to a tenth; a higher ratio indicates a zip bomb."""
CHUNK_BYTES = 1 << 16
ENTRY_SIGNATURE = b"PK\1\2"
"""The first bytes of a directory entry (PKWARE's APPNOTE.TXT, section 4.3.12)."""
JUNK_FOLDER, JUNK_PREFIXES, JUNK_NAMES = "__MACOSX", ("._",), {".DS_Store", "Thumbs.db"}
"""What operating systems add to a zip beside the files that a user has chosen."""
MALFORMED_DATA_ERRNOS = (None, errno.EINVAL)
"""The errno of an OSError that invalid data cause: in bz2, or by a seek before the start."""
ENCRYPTED_FLAG = 0x1
"""The flag of a member that is encrypted (APPNOTE.TXT, section 4.4.4)."""


DATASETS_FOLDER = "datasets"
"""The folder of the zips in the storage."""


def dataset_key(dataset_id: UUID) -> str:
    """The blob key of a data set's zip."""
    return f"{DATASETS_FOLDER}/{dataset_id}.zip"


def count_midi_files(file: IO[bytes]) -> int:
    """Check a zip's directory, and return the number of MIDI files that it lists.

    Raises:
        InvalidArchive: the file is not a zip, has no MIDI file, or is malicious; the detail says
            which.
    """
    members = _directory(file)
    _check_sizes(members)
    for member in members:
        _check_path(member.filename)
    midi_files = [member for member in _files(members) if has_music_suffix(_path(member))]
    if not midi_files:
        raise InvalidArchive(f"There is no {LISTED_SUFFIXES} file in this zip{_advice(members)}.")
    if any(member.flag_bits & ENCRYPTED_FLAG for member in midi_files):
        raise InvalidArchive("This zip is encrypted; create one without a password.")
    return len(midi_files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """The files of a zip."""

    midi_files: dict[str, str]
    """The names in the zip of the unpacked files, by their names in the folder."""
    others: tuple[str, ...]
    """The names of the files that are no MIDI files."""


def unpack_midi_files(file: IO[bytes], folder: Path, *, max_bytes: int) -> Unpacked:
    """Write the MIDI files of a zip into a folder, named by index.

    A file that is longer than `max_bytes` is cut after one byte more, so that the reader can detect
    it. A file that cannot be unpacked ends where the error occurred.

    Raises:
        InvalidArchive: the file is not a zip, or is malicious.
    """
    count_midi_files(file)
    bytes_left = MAX_UNPACKED_BYTES
    names: dict[str, str] = {}
    others: list[str] = []
    with zipfile.ZipFile(file) as archive:
        for member in _files(archive.infolist()):
            path = _path(member)
            if not has_music_suffix(path):
                others.append(str(path))
                continue
            target = folder / f"{len(names):05d}.mid"
            names[target.name] = str(path)
            with target.open("wb") as output:
                bytes_left -= _unpack(archive, member, output, max_bytes)
            if bytes_left < 0:
                raise InvalidArchive(f"This zip unpacks to more than {MAX_UNPACKED_BYTES:,} bytes.")
    return Unpacked(midi_files=names, others=tuple(others))


def _unpack(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: IO[bytes], max_bytes: int
) -> int:
    """Write one member to `target`, and return the number of bytes."""
    return sum(target.write(chunk) for chunk in _chunks(archive, member, max_bytes + 1))


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo, max_bytes: int) -> Iterator[bytes]:
    """The readable contents of a member, at most `max_bytes`."""
    try:
        with archive.open(member) as source:
            while max_bytes and (chunk := source.read(min(CHUNK_BYTES, max_bytes))):
                max_bytes -= len(chunk)
                yield chunk
    except MALFORMED_ZIP_ERRORS:
        pass  # the MIDI parser reports the truncated file
    except OSError as error:
        if error.errno not in MALFORMED_DATA_ERRNOS:
            raise


def _files(members: Iterable[zipfile.ZipInfo]) -> Iterator[zipfile.ZipInfo]:
    """The files that a user has put into the zip."""
    for member in members:
        path = _path(member)
        is_junk = (
            JUNK_FOLDER in path.parts
            or path.name in JUNK_NAMES
            or path.name.startswith(JUNK_PREFIXES)
        )
        if not (is_junk or member.filename.endswith(("/", "\\"))):
            yield member


def _path(member: zipfile.ZipInfo) -> PurePosixPath:
    r"""The path of a member; some programs of Windows write `\` between its parts."""
    return PurePosixPath(member.filename.replace("\\", "/"))


def _advice(members: Iterable[zipfile.ZipInfo]) -> str:
    has_zips = any(_path(member).suffix.lower() == ".zip" for member in _files(members))
    return "; it has zips, which have to be unpacked first" if has_zips else ""


def _directory(file: IO[bytes]) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(_BoundedDirectoryReader(file)) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
        raise InvalidArchive(f"The body is not a valid zip file: {error}.") from error


class _BoundedDirectoryReader:
    """A file whose zip directory, which zipfile reads at once, is rejected if it is too long.

    Otherwise zipfile would create an object per entry before the entries can be counted.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.seek = file.seek
        self.tell = file.tell
        self._read = file.read

    def read(self, size: int = -1) -> bytes:
        data = self._read(size) if size <= MAX_DIRECTORY_BYTES else b""
        if size > MAX_DIRECTORY_BYTES or data.count(ENTRY_SIGNATURE) > MAX_FILES:
            raise InvalidArchive(f"This zip has too many entries; send at most {MAX_FILES:,}.")
        return data


def _check_sizes(members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > min(MAX_UNPACKED_BYTES, MAX_RATIO * max(packed, 1)):
        raise InvalidArchive(
            f"This zip would unpack from {packed:,} to {unpacked:,} bytes; the limits are "
            f"{MAX_UNPACKED_BYTES:,} bytes and a ratio of {MAX_RATIO}."
        )


def _check_path(name: str) -> None:
    path = PureWindowsPath(name)
    if path.anchor or ".." in path.parts:
        raise InvalidArchive(
            f"The path {name!r} is absolute or points outside the zip; use relative paths."
        )
