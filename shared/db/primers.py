"""Primers: the notes of uploaded MIDI files that melodies continue.

An owner has the same notes once, however often they are uploaded.
"""

import hashlib
import json
import math
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.generations import Primer, PrimerTrack
from ostinato.schemas.notes import TICKS_PER_BAR, Note
from shared.db.tables.melody_tables import primers
from shared.errors import Conflict, NotFound
from shared.ids import new_id

# So that uploads of the same notes at the same time give one primer
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:key AS text), 1))")


def hash_notes(notes: Sequence[Note], bars: int = 0) -> bytes:
    """SHA-256 of notes as the text that PostgreSQL has for their JSON, and of the bars of rest.

    The number of bars follows the notes if there are more of them than the notes need.
    """
    text = json.dumps([list(note) for note in notes])
    end = max((note.start + note.duration for note in notes), default=0)
    rests = f" {bars}" if bars > math.ceil(end / TICKS_PER_BAR) else ""
    return hashlib.sha256((text + rests).encode()).digest()


_USED_BY = text("""
    SELECT id FROM jobs
    WHERE owner = :owner AND kind IN ('generation', 'batch')
        AND state IN ('queued', 'running', 'paused')
        AND (
            request ->> 'primer_id' = CAST(:primer_id AS text)
            OR request -> 'request' ->> 'primer_id' = CAST(:primer_id AS text)
            OR kind = 'batch' AND request ->> 'request' IS NULL AND EXISTS (
                SELECT FROM shards
                WHERE shards.job_id = jobs.id AND shards.state IN ('queued', 'running', 'paused')
                    AND shards.items @> jsonb_build_array(jsonb_build_object(
                        'request', jsonb_build_object('primer_id', CAST(:primer_id AS text))
                    ))
            )
        )
    LIMIT 1
""")
"""Reads the unfinished generations of one owner, whose number a quota limits."""


class Primers:
    """The primers, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self,
        owner: str,
        sha256: str,
        notes: Sequence[Note],
        bars: int,
        tracks: Sequence[PrimerTrack] = (),
    ) -> Primer:
        """Insert the notes of a MIDI file with this SHA-256, unless the owner has these notes."""
        digest = hash_notes(notes, bars)
        await self._connection.execute(_LOCK, {"key": f"{owner}:{digest.hex()}"})
        primer_id = await self.find(owner, digest)
        if primer_id is None:
            primer_id = new_id()
            await self._connection.execute(
                insert(primers).values(
                    id=primer_id,
                    owner=owner,
                    sha256=sha256,
                    notes=[list(note) for note in notes],
                    notes_sha256=digest,
                    bars=bars,
                )
            )
        return Primer(
            id=primer_id,
            sha256=sha256,
            notes_sha256=digest.hex(),
            num_notes=len(notes),
            bars=bars,
            tracks=tuple(tracks),
        )

    async def find(self, owner: str, notes_sha256: bytes) -> UUID | None:
        """The owner's oldest primer with these notes; None if there is none."""
        found: UUID | None = await self._connection.scalar(
            select(primers.c.id)
            .where(primers.c.owner == owner, primers.c.notes_sha256 == notes_sha256)
            .order_by(primers.c.id)
            .limit(1)
        )
        return found

    async def delete(self, primer_id: UUID, owner: str) -> None:
        """Delete one of the owner's primers.

        Raises:
            NotFound: the owner has no such primer.
            Conflict: an unfinished job uses it.
        """
        if await self.num_bars(primer_id, owner) is None:
            raise NotFound("primer", primer_id)
        parameters = {"owner": owner, "primer_id": str(primer_id)}
        job_id = await self._connection.scalar(_USED_BY, parameters)
        if job_id is not None:
            raise Conflict(
                f"The job {job_id} uses it and has not ended; wait for the job, or cancel it."
            )
        await self._connection.execute(delete(primers).where(primers.c.id == primer_id))

    async def num_bars(self, primer_id: UUID, owner: str) -> int | None:
        """The number of bars of a primer; None if the owner has no such primer."""
        bars: int | None = await self._connection.scalar(
            select(primers.c.bars).where(primers.c.id == primer_id, primers.c.owner == owner)
        )
        return bars

    async def bars_by_id(self, primer_ids: Collection[UUID], owner: str) -> dict[UUID, int]:
        """The numbers of bars of those primers that the owner has."""
        rows = await self._connection.execute(
            select(primers.c.id, primers.c.bars).where(
                primers.c.id.in_(primer_ids), primers.c.owner == owner
            )
        )
        return {row.id: row.bars for row in rows}
