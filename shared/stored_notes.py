"""The notes of stored melodies, as entries of event streams."""

from collections.abc import Sequence
from uuid import UUID

from shared.broker.stream_entries import NotesBatch, note_origin, stored_notes
from shared.db.driver import Connection
from shared.db.melodies import notes_by_index


async def stored_notes_of(
    connection: Connection, wanted: Sequence[tuple[UUID, int]]
) -> dict[tuple[UUID, int], NotesBatch]:
    """The entries of melodies, which are identified by job and index."""
    found = await notes_by_index(connection, wanted)
    return {
        key: stored_notes(
            *key,
            stored.notes,
            bars=stored.bars,
            origin=note_origin(stored.model_sha256, stored.numerics),
        )
        for key, stored in found.items()
    }
