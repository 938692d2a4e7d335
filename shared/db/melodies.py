"""Melodies: committed once each, then only read. Refuses to know how they were made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.melodies import Gist, Melody, MelodySummary
from ostinato.schemas.notes import Note
from shared.db.outbox import Outbox, Promise
from shared.db.tables import melodies
from shared.errors import NotFound
from shared.ids import new_id

_SUMMARY = [melodies.c[name] for name in MelodySummary.model_fields]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMelody:
    """A finished piece, before it has an id."""

    index: int
    seed: int
    model: str
    model_sha256: str
    numerics: str
    tempo: int
    bars: int
    seconds: float
    notes: Sequence[Note]
    """In the order in which the event stream tells them."""
    tokens: Sequence[int]
    midi: bytes

    def row(self, job_id: UUID, owner: str) -> dict[str, Any]:
        """The values of its row, under a fresh id."""
        return {
            "id": new_id(),
            "job_id": job_id,
            "owner": owner,
            "index": self.index,
            "seed": self.seed,
            "model": self.model,
            "model_sha256": self.model_sha256,
            "numerics": self.numerics,
            "tempo": self.tempo,
            "bars": self.bars,
            **Gist.of(self.notes).model_dump(),
            "num_tokens": len(self.tokens),
            "seconds": self.seconds,
            "notes": [list(note) for note in self.notes],
            "tokens": list(self.tokens),
            "midi": self.midi,
        }


class Melodies:
    """The melodies inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self, job_id: UUID, owner: str, new: Sequence[NewMelody], *, streamed: bool
    ) -> None:
        """Commit the pieces of a shard and promise an event for each.

        `streamed` says that the notes, too, belong into the stream of events.
        """
        if not new:
            return
        rows = [melody.row(job_id, owner) for melody in new]
        await self._connection.execute(insert(melodies), rows)
        payloads = [
            {
                "melody": row["index"],
                "id": str(row["id"]),
                **{name: row[name] for name in Gist.model_fields},
                "streamed": streamed,
            }
            for row in rows
        ]
        await Outbox(self._connection).add(job_id, Promise.MELODY, payloads)

    async def get(self, melody_id: UUID, owner: str) -> Melody:
        """A melody with its notes.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        columns = [*_SUMMARY, melodies.c.tempo, melodies.c.notes]
        row = await self._one(select(*columns), melody_id, owner)
        notes = sorted(row.notes, key=lambda note: (note[0], note[2]))
        return Melody.model_validate({**row._mapping, "notes": notes})  # noqa: SLF001 - a Row's public view

    async def midi(self, melody_id: UUID, owner: str) -> bytes:
        """The bytes of the MIDI file.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        row = await self._one(select(melodies.c.midi), melody_id, owner)
        return bytes(row.midi)

    async def _one(self, query: Select[Any], melody_id: UUID, owner: str) -> Row[Any]:
        mine = query.where(melodies.c.id == melody_id, melodies.c.owner == owner)
        row: Row[Any] | None = (await self._connection.execute(mine)).one_or_none()
        if row is None:
            raise NotFound("melody", melody_id)
        return row

    async def set_favourite(self, melody_id: UUID, owner: str, *, favourite: bool) -> MelodySummary:
        """Remember that the owner is fond of it, or no longer.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        changed = await self._connection.execute(
            update(melodies)
            .where(melodies.c.id == melody_id, melodies.c.owner == owner)
            .values(favourite=favourite)
            .returning(*_SUMMARY)
        )
        row: Row[Any] | None = changed.one_or_none()
        if row is None:
            raise NotFound("melody", melody_id)
        return _summary(row)

    async def page(
        self, owner: str, *, before: UUID | None, limit: int, favourites: bool = False
    ) -> list[MelodySummary]:
        """This owner's melodies, or the favourites alone, newest first, older than `before`."""
        query = select(*_SUMMARY).where(melodies.c.owner == owner)
        if favourites:
            query = query.where(melodies.c.favourite)
        if before is not None:
            query = query.where(melodies.c.id < before)
        rows = await self._connection.execute(query.order_by(melodies.c.id.desc()).limit(limit))
        return [_summary(row) for row in rows]

    async def of_job(self, job_id: UUID, *, after: int, limit: int) -> list[MelodySummary]:
        """The melodies of a job in order, from the one after index `after`."""
        rows = await self._connection.execute(
            select(*_SUMMARY)
            .where(melodies.c.job_id == job_id, melodies.c.index > after)
            .order_by(melodies.c.index)
            .limit(limit)
        )
        return [_summary(row) for row in rows]

    async def files_of_job(
        self, job_id: UUID, *, after: int, limit: int
    ) -> list[tuple[int, int, bytes]]:
        """(index, seed, MIDI bytes) of a job's melodies in order, after index `after`."""
        rows = await self._connection.execute(
            select(melodies.c.index, melodies.c.seed, melodies.c.midi)
            .where(melodies.c.job_id == job_id, melodies.c.index > after)
            .order_by(melodies.c.index)
            .limit(limit)
        )
        return [(index, seed, bytes(midi)) for index, seed, midi in rows]

    async def weights_of(self, job_id: UUID) -> set[str]:
        """SHA-256 of all weights that made the melodies of a job: mostly one, or none."""
        made = select(melodies.c.model_sha256).where(melodies.c.job_id == job_id).distinct()
        return set(await self._connection.scalars(made))

    async def pieces_of_job(
        self, job_id: UUID, *, after: int, limit: int
    ) -> list[tuple[int, list[list[int]]]]:
        """(index, notes) of a job's melodies in order, after index `after`."""
        rows = await self._connection.execute(
            select(melodies.c.index, melodies.c.notes)
            .where(melodies.c.job_id == job_id, melodies.c.index > after)
            .order_by(melodies.c.index)
            .limit(limit)
        )
        return [(index, notes) for index, notes in rows]

    async def notes_of(self, job_id: UUID, index: int) -> tuple[list[Note], int]:
        """The notes of one committed melody of a job as the stream tells them, and its bars."""
        row = (
            await self._connection.execute(
                select(melodies.c.notes, melodies.c.bars).where(
                    melodies.c.job_id == job_id, melodies.c.index == index
                )
            )
        ).one()
        return [Note(*note) for note in row.notes], row.bars


def _summary(row: Row[Any]) -> MelodySummary:
    return MelodySummary.model_validate(dict(row._mapping))  # noqa: SLF001 - a Row's public view
