"""Primers: the notes of uploaded MIDI files that melodies continue."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.generations import Primer
from ostinato.schemas.notes import Note
from shared.db.tables.melody_tables import primers
from shared.ids import new_id


class Primers:
    """The primers, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, owner: str, sha256: str, notes: Sequence[Note], bars: int) -> Primer:
        """Insert the notes of a MIDI file with this SHA-256."""
        primer = Primer(id=new_id(), sha256=sha256, num_notes=len(notes), bars=bars)
        await self._connection.execute(
            insert(primers).values(
                id=primer.id,
                owner=owner,
                sha256=sha256,
                notes=[list(note) for note in notes],
                bars=bars,
            )
        )
        return primer

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
