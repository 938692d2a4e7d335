"""Primers: uploaded files that melodies continue, or of which they change bars.

An owner has the same file once, however often it is uploaded.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Row, case, delete, func, insert, null, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.generations import Primer, PrimerTrack
from ostinato.schemas.notes import Metre, Note
from shared.db.tables.melody_tables import primers
from shared.errors import Conflict, NotFound
from shared.ids import new_id
from shared.midi.sandbox import Inspection
from shared.midi.writer import write_midi

EARLIER_TEMPO = 120
"""Of a primer that an earlier release stored, which had no tempo."""
# So that uploads of the same file at the same time give one primer
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:key AS text), 1))")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimerFacts:
    """What requests with a primer are checked against."""

    bars: int
    tracks: tuple[PrimerTrack, ...]
    """None are known of primers of earlier releases, which have one."""
    time_signatures: tuple[str, ...]
    """Those of its bars."""
    num_bytes: int
    """Size of the file."""


STORED_PRIMER = (
    *(primers.c.midi, primers.c.midi_sha256, primers.c.track, primers.c.bars),
    case((primers.c.midi.is_not(None), null()), else_=primers.c.notes).label("notes"),
)
"""The columns of a `StoredPrimer`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPrimer:
    """A primer with its file."""

    midi: bytes | None
    """None if an earlier release stored it, which kept the notes only."""
    sha256: str | None
    """SHA-256 of the file."""
    track: int | None
    """Index of the track that most likely is the melody."""
    notes: tuple[Note, ...]
    """The notes of a primer without a file."""
    bars: int
    """Bars, with the rests after its last note."""

    @property
    def file(self) -> bytes:
        """The file; one of an earlier release has one track."""
        if self.midi is not None:
            return self.midi
        return write_midi(self.notes, tempo=EARLIER_TEMPO, instrument=0, bars=self.bars)

    @classmethod
    def from_row(cls, row: Row[*tuple[Any, ...]]) -> Self:
        """The primer in a row of `primers`."""
        return cls(
            midi=row.midi,
            sha256=None if row.midi_sha256 is None else row.midi_sha256.hex(),
            track=row.track,
            notes=tuple(Note(*note) for note in row.notes or ()),
            bars=row.bars,
        )


class Primers:
    """The primers, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, owner: str, sha256: str, inspection: Inspection) -> Primer:
        """Insert the file that was inspected, unless the owner has it.

        `sha256` is that of the file as it was uploaded.
        """
        digest = hashlib.sha256(inspection.midi).digest()
        await self._connection.execute(_LOCK, {"key": f"{owner}:{digest.hex()}"})
        primer_id = await self.find(owner, digest)
        if primer_id is None:
            primer_id = new_id()
            await self._connection.execute(
                insert(primers).values(
                    id=primer_id,
                    owner=owner,
                    sha256=sha256,
                    notes=[list(note) for note in inspection.notes],
                    bars=inspection.num_bars,
                    midi=inspection.midi,
                    midi_sha256=digest,
                    track=inspection.track,
                    tracks=[track.model_dump() for track in inspection.tracks],
                    time_signatures=inspection.time_signatures,
                )
            )
        return Primer(
            id=primer_id,
            sha256=sha256,
            midi_sha256=digest.hex(),
            num_notes=inspection.num_notes,
            bars=inspection.num_bars,
            track=inspection.track,
            tracks=inspection.tracks,
            time_signatures=inspection.time_signatures,
        )

    async def find(self, owner: str, midi_sha256: bytes) -> UUID | None:
        """The owner's oldest primer with this file; None if there is none."""
        found: UUID | None = await self._connection.scalar(
            select(primers.c.id)
            .where(primers.c.owner == owner, primers.c.midi_sha256 == midi_sha256)
            .order_by(primers.c.id)
            .limit(1)
        )
        return found

    async def file(self, primer_id: UUID, owner: str) -> bytes:
        """The MIDI file of one of the owner's primers.

        Raises:
            NotFound: the owner has no such primer.
        """
        row = (
            await self._connection.execute(
                select(*STORED_PRIMER).where(primers.c.id == primer_id, primers.c.owner == owner)
            )
        ).one_or_none()
        if row is None:
            raise NotFound("primer", primer_id)
        return StoredPrimer.from_row(row).file

    async def delete(self, primer_id: UUID, owner: str) -> None:
        """Delete one of the owner's primers.

        Raises:
            NotFound: the owner has no such primer.
            Conflict: an unfinished job uses it.
        """
        if primer_id not in await self.facts({primer_id}, owner):
            raise NotFound("primer", primer_id)
        parameters = {"owner": owner, "primer_id": str(primer_id)}
        job_id = await self._connection.scalar(_USED_BY, parameters)
        if job_id is not None:
            raise Conflict(
                f"The job {job_id} uses it and has not ended; wait for the job, or cancel it."
            )
        await self._connection.execute(delete(primers).where(primers.c.id == primer_id))

    async def facts(self, primer_ids: Collection[UUID], owner: str) -> dict[UUID, PrimerFacts]:
        """The facts about those primers that the owner has."""
        rows = await self._connection.execute(
            select(
                primers.c.id,
                primers.c.bars,
                primers.c.tracks,
                primers.c.time_signatures,
                func.coalesce(func.octet_length(primers.c.midi), 0).label("num_bytes"),
            ).where(primers.c.id.in_(primer_ids), primers.c.owner == owner)
        )
        return {
            row.id: PrimerFacts(
                bars=row.bars,
                tracks=tuple(PrimerTrack(**track) for track in row.tracks or ()),
                time_signatures=tuple(row.time_signatures or (Metre.FOUR_FOUR,)),
                num_bytes=row.num_bytes,
            )
            for row in rows
        }
