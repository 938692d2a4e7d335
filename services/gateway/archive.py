"""The finished melodies of a job as a zip, which is compressed while it is sent."""

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import AsyncIterator
from uuid import UUID

from fastapi.responses import StreamingResponse

from shared.db.database import Database
from shared.db.melodies import Melodies, MidiFile

FILES_PER_QUERY = 100
MANIFEST = "manifest.jsonl"
"""The last entry: file, index, custom_id, seed and sha256 of each melody, one a line."""
MAX_MANIFEST_BYTES_IN_MEMORY = 1_000_000


def archive_response(database: Database, job_id: UUID) -> StreamingResponse:
    """A response with the MIDI files of all melodies that are finished by now, and a manifest."""
    return StreamingResponse(
        _zip(database, job_id),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{job_id}.zip"'},
    )


async def _zip(database: Database, job_id: UUID) -> AsyncIterator[bytes]:
    sink, last = _Sink(), -1
    with (
        tempfile.SpooledTemporaryFile(MAX_MANIFEST_BYTES_IN_MEMORY) as manifest,
        zipfile.ZipFile(sink, "w") as archive,
    ):
        while True:
            async with database.connection() as connection:
                files = await Melodies(connection).midi_files(
                    job_id, after=last, limit=FILES_PER_QUERY
                )
            for file in files:
                name = f"{file.index:05d}-{file.seed}.mid"
                archive.writestr(zipfile.ZipInfo(name), file.midi, zipfile.ZIP_DEFLATED)
                manifest.write(_manifest_line(name, file))
            yield sink.read_pending()
            if len(files) < FILES_PER_QUERY:
                break
            last = files[-1].index
        manifest.seek(0)
        entry = zipfile.ZipInfo(MANIFEST)
        entry.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(entry, "w") as target:
            while block := manifest.read(MAX_MANIFEST_BYTES_IN_MEMORY):
                target.write(block)
                yield sink.read_pending()
    yield sink.read_pending()


def _manifest_line(name: str, file: MidiFile) -> bytes:
    line = {
        "file": name,
        "index": file.index,
        "custom_id": file.custom_id,
        "seed": file.seed,
        "sha256": hashlib.sha256(file.midi).hexdigest(),
    }
    return json.dumps(line).encode() + b"\n"


class _Sink(io.RawIOBase):
    """Buffers what the zip writer has written until it is sent."""

    def __init__(self) -> None:
        super().__init__()
        self._pending = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # zipfile writes bytes only
        self._pending += data
        return len(data)

    def read_pending(self) -> bytes:
        pending = bytes(self._pending)
        self._pending.clear()
        return pending
