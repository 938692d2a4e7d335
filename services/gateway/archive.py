"""The finished melodies of a job as a zip, which is compressed while it is sent."""

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import AsyncIterator
from uuid import UUID

from fastapi.responses import StreamingResponse

from ostinato.schemas.batches import MAX_ITEMS
from shared.db.database import Database
from shared.db.melodies import Melodies, MidiFile

FILES_PER_QUERY = 100
MANIFEST = "manifest.jsonl"
"""The last entry: file, index, custom_id, model, seed and sha256 of each melody, one a line."""
MAX_MANIFEST_BYTES_IN_MEMORY = 1_000_000


def archive_response(
    database: Database, job_id: UUID, *, after: int = -1, limit: int = MAX_ITEMS
) -> StreamingResponse:
    """A response with the MIDI files of the melodies that are finished by now, and a manifest.

    It has at most `limit` files, of the melodies after index `after`.
    """
    return StreamingResponse(
        _zip(database, job_id, after, limit),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{job_id}.zip"'},
    )


async def _zip(database: Database, job_id: UUID, last: int, remaining: int) -> AsyncIterator[bytes]:
    sink = _Sink()
    with (
        tempfile.SpooledTemporaryFile(MAX_MANIFEST_BYTES_IN_MEMORY) as manifest,
        zipfile.ZipFile(sink, "w") as archive,
    ):
        while remaining:
            limit = min(remaining, FILES_PER_QUERY)
            async with database.connection() as connection:
                files = await Melodies(connection).midi_files(job_id, after=last, limit=limit)
            for file in files:
                name = f"{file.index:05d}-{file.seed}.mid"
                archive.writestr(zipfile.ZipInfo(name), file.midi, zipfile.ZIP_DEFLATED)
                manifest.write(_manifest_line(name, file))
            yield sink.read_pending()
            if len(files) < limit:
                break
            last = files[-1].index
            remaining -= len(files)
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
        "model": file.model,
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
