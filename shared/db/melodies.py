"""Generated melodies: only the favourite mark of one changes until it is deleted."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import FromClause, Row, Select, bindparam, insert, null, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from ostinato.schemas.melodies import Melody, MelodyStats, MelodySummary
from ostinato.schemas.notes import Note
from shared.db.driver import Connection, Statement, fetch
from shared.db.melody_score import melody_fields
from shared.db.new_melody import FinishedMelodies
from shared.db.outbox import MessageKind, Outbox
from shared.db.owner_pages import newest_of_owner
from shared.db.retention.job_deletion import is_visible
from shared.db.tables.job_tables import jobs
from shared.db.tables.melody_tables import melodies
from shared.errors import NotFound

_NOTES = Statement(
    text("""
    SELECT job_id, index, notes, bars, model_sha256, numerics FROM melodies
    JOIN unnest(CAST(:job_ids AS uuid[]), CAST(:indices AS integer[])) AS wanted (job_id, index)
        USING (job_id, index)
""")
)
_MIDI = Statement(
    select(melodies.c.midi).where(
        melodies.c.id == bindparam("melody_id"),
        melodies.c.owner == bindparam("owner"),
        is_visible(melodies),
    )
)
_SUMMARY_COLUMNS = [melodies.c[name] for name in MelodySummary.model_fields if name != "expires_at"]
MAX_HIDDEN = 5_000
"""Melodies that one page looks at: those of deleted jobs, which are still stored, are left out."""


class MidiFile(NamedTuple):
    """The file of one melody of a job."""

    index: int  # type: ignore[assignment]  # it hides a method of tuples
    model: str
    seed: int
    custom_id: str | None
    midi: bytes


class StoredNotes(NamedTuple):
    """The notes of one melody, for the event stream."""

    notes: list[Note]
    """In the order of the event stream."""
    bars: int
    model_sha256: str
    numerics: str


class MelodyPage(NamedTuple):
    """A page of a list of melodies."""

    items: list[MelodySummary]
    next_before: UUID | None
    """Where the next page begins; None if there is none."""


class Melodies:
    """The melodies, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection, lifetime: timedelta | None = None) -> None:
        """`lifetime`: how long melodies are kept after the end of their job; None: for ever."""
        self._connection = connection
        self._lifetime = lifetime
        self._summary_columns = _summary_columns(melodies, lifetime)

    async def add(self, *parts: FinishedMelodies) -> None:
        """Insert the melodies of any number of jobs together, with their events."""
        inserted = [
            (part, melody, melody.row(part.job_id, part.owner) | {"attempt": part.attempt})
            for part in parts
            for melody in part.new
        ]
        if not inserted:
            return
        await self._connection.execute(insert(melodies), [row for _, _, row in inserted])
        messages = [
            (part.job_id, _event_payload(row, streamed=part.streamed and melody.begins_stream))
            for part, melody, row in inserted
            if part.has_events
        ]
        await Outbox(self._connection).add_of_jobs(MessageKind.MELODY, messages)

    async def get(self, melody_id: UUID, owner: str) -> Melody:
        """One of the owner's melodies, with its notes.

        Raises:
            NotFound: the owner has no such melody.
        """
        request = select(jobs.c.request).where(jobs.c.id == melodies.c.job_id).scalar_subquery()
        columns = [melodies.c.tempo, melodies.c.notes, melodies.c.score, request.label("request")]
        row = await self._one(select(*self._summary_columns, *columns), melody_id, owner)
        score = melody_fields(
            row.score,
            bars=row.bars,
            tempo=row.tempo,
            program=_program(row.request),
            notes=sorted(row.notes, key=lambda note: (note[0], note[2])),
        )
        return Melody(**_summary(row).model_dump(), **score)

    async def _one(self, query: Select[Any], melody_id: UUID, owner: str) -> Row[Any]:
        owned = query.where(
            melodies.c.id == melody_id, melodies.c.owner == owner, is_visible(melodies)
        )
        row: Row[Any] | None = (await self._connection.execute(owned)).one_or_none()
        if row is None:
            raise NotFound("melody", melody_id)
        return row

    async def set_favourite(self, melody_id: UUID, owner: str, *, favourite: bool) -> MelodySummary:
        """Mark or unmark one of the owner's melodies as a favourite.

        Raises:
            NotFound: the owner has no such melody.
        """
        # Meanwhile no other transaction deletes the job because it has no favourite
        await self._connection.execute(
            select(jobs.c.id)
            .where(jobs.c.id == melodies.c.job_id, melodies.c.id == melody_id)
            .with_for_update(of=jobs, key_share=True, read=True)
        )
        updated = await self._connection.execute(
            update(melodies)
            .where(melodies.c.id == melody_id, melodies.c.owner == owner, is_visible(melodies))
            .values(favourite=favourite)
            .returning(*self._summary_columns)
        )
        row: Row[Any] | None = updated.one_or_none()
        if row is None:
            raise NotFound("melody", melody_id)
        return _summary(row)

    async def page(
        self, owner: str, *, before: UUID | None, limit: int, favourites: bool = False
    ) -> MelodyPage:
        """The owner's melodies, or only the favourites, newest first, older than `before`.

        A page that leaves out many melodies of deleted jobs may be shorter than `limit`.
        """
        query = newest_of_owner(select(melodies), melodies, owner, before=before, limit=MAX_HIDDEN)
        if favourites:
            query = query.where(melodies.c.favourite)
        rows = query.subquery("rows")
        found = await self._connection.execute(
            select(*_summary_columns(rows, self._lifetime))
            .where(is_visible(rows))
            .order_by(rows.c.owner.desc(), rows.c.id.desc())
            .limit(limit)
        )
        items = [_summary(row) for row in found]
        if len(items) == limit:
            return MelodyPage(items, items[-1].id)
        last = query.with_only_columns(melodies.c.id).offset(MAX_HIDDEN - 1).limit(1)
        return MelodyPage(items, await self._connection.scalar(last))

    async def list_by_job(self, job_id: UUID, *, after: int, limit: int) -> list[MelodySummary]:
        """The melodies of a job in order, after index `after`."""
        rows = await self._connection.execute(
            select(*self._summary_columns)
            .where(melodies.c.job_id == job_id, melodies.c.index > after)
            .order_by(melodies.c.index)
            .limit(limit)
        )
        return [_summary(row) for row in rows]

    async def midi_files(self, job_id: UUID, *, after: int, limit: int) -> list[MidiFile]:
        """The MIDI files of a job's whole melodies in order, after index `after`."""
        columns = [melodies.c[name] for name in MidiFile._fields]
        rows = await self._connection.execute(
            select(*columns)
            .where(melodies.c.job_id == job_id, melodies.c.index > after, ~melodies.c.partial)
            .order_by(melodies.c.index)
            .limit(limit)
        )
        return [MidiFile(*row) for row in rows]

    async def model_sha256s(self, job_id: UUID) -> set[str]:
        """SHA-256 of the weights that generated the whole melodies of a job; usually one."""
        query = select(melodies.c.model_sha256).where(
            melodies.c.job_id == job_id, ~melodies.c.partial
        )
        query = query.distinct()
        return set(await self._connection.scalars(query))

    async def note_lists(
        self, job_id: UUID, *, after: int, limit: int
    ) -> list[tuple[int, list[list[int]]]]:
        """(index, notes) of a job's whole melodies in order, after index `after`."""
        rows = await self._connection.execute(
            select(melodies.c.index, melodies.c.notes)
            .where(melodies.c.job_id == job_id, melodies.c.index > after, ~melodies.c.partial)
            .order_by(melodies.c.index)
            .limit(limit)
        )
        return [(index, notes) for index, notes in rows]


async def read_midi(connection: Connection, melody_id: UUID, owner: str) -> bytes:
    """The MIDI file of one of the owner's melodies.

    Raises:
        NotFound: the owner has no such melody.
    """
    rows = await fetch(connection, _MIDI, {"melody_id": melody_id, "owner": owner})
    if not rows:
        raise NotFound("melody", melody_id)
    midi: bytes = rows[0]["midi"]
    return midi


async def notes_by_index(
    connection: Connection, wanted: Sequence[tuple[UUID, int]]
) -> dict[tuple[UUID, int], StoredNotes]:
    """The notes of melodies, which are identified by job and index."""
    parameters = {
        "job_ids": [job_id for job_id, _ in wanted],
        "indices": [index for _, index in wanted],
    }
    return {
        (row["job_id"], row["index"]): StoredNotes(
            [Note(*note) for note in row["notes"]],
            row["bars"],
            row["model_sha256"],
            row["numerics"],
        )
        for row in await fetch(connection, _NOTES, parameters)
    }


def _event_payload(row: dict[str, Any], *, streamed: bool) -> dict[str, Any]:
    stats = {name: row[name] for name in MelodyStats.model_fields}
    payload = {"melody": row["index"], "id": str(row["id"]), **stats, "streamed": streamed}
    return payload | {"partial": True} if row["partial"] else payload


def _summary_columns(rows: FromClause, lifetime: timedelta | None) -> list[ColumnElement[Any]]:
    """The columns of a summary; `expires_at` is null for favourites and before the job ends."""
    names = [name for name in MelodySummary.model_fields if name != "expires_at"]
    expires_at: ColumnElement[Any] = null()
    if lifetime is not None:
        expires_at = (
            select(jobs.c.finished_at + lifetime)
            .where(jobs.c.id == rows.c.job_id, ~rows.c.favourite)
            .scalar_subquery()
        )
    return [*(rows.c[name] for name in names), expires_at.label("expires_at")]


def _summary(row: Row[Any]) -> MelodySummary:
    values = row._mapping  # noqa: SLF001 - public API of Row
    return MelodySummary.model_validate({name: values[name] for name in MelodySummary.model_fields})


def _program(request: dict[str, Any] | None) -> int:
    """The instrument that the request of a job asks for; lines of a batch have their own."""
    parameters = request or {}
    program: int = (parameters.get("request") or parameters).get("instrument", 0)
    return program
