"""Melodies: list them, get their notes or MIDI files, and mark favourites."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from ostinato.schemas.keys import Scope
from ostinato.schemas.melodies import Melody, MelodySummary
from ostinato.schemas.pages import Page
from services.gateway.dependencies import App, IdCursor, Limit, Owner
from services.gateway.problem_details import responses
from services.gateway.requests.scopes import requires
from shared.db.melodies import Melodies, read_midi
from shared.errors import InvalidRequest, NotFound

router = APIRouter(tags=["melodies"], prefix="/melodies", dependencies=[requires(Scope.GENERATE)])


class MidiResponse(Response):
    """A standard MIDI file."""

    media_type = "audio/midi"


@router.get("", responses=responses(InvalidRequest))
async def list_melodies(
    app: App,
    owner: Owner,
    before: IdCursor,
    limit: Limit = 50,
    favourites: Annotated[bool, Query(description="Only favourites.")] = False,  # noqa: FBT002 - passed by name
) -> Page[MelodySummary]:
    """List your melodies, newest first."""
    async with app.database.connection() as connection:
        page = await Melodies(connection).page(
            owner, before=before, limit=limit, favourites=favourites
        )
    return Page(items=page, next_cursor=str(page[-1].id) if len(page) == limit else None)


@router.get(
    "/{melody_id}.mid", response_class=MidiResponse, responses=responses(NotFound, InvalidRequest)
)
async def get_midi(melody_id: UUID, app: App, owner: Owner) -> MidiResponse:
    """Get the melody as a MIDI file; its first text event is the receipt, for `/v1/reproduce`."""
    async with app.database.driver_connection() as connection:
        midi = await read_midi(connection, melody_id, owner)
    disposition = f'attachment; filename="{melody_id}.mid"'
    return MidiResponse(midi, headers={"Content-Disposition": disposition})


@router.put("/{melody_id}/favourite", responses=responses(NotFound, InvalidRequest))
async def add_favourite(melody_id: UUID, app: App, owner: Owner) -> MelodySummary:
    """Mark the melody as a favourite. Idempotent."""
    async with app.database.connection() as connection:
        return await Melodies(connection).set_favourite(melody_id, owner, favourite=True)


@router.delete("/{melody_id}/favourite", responses=responses(NotFound, InvalidRequest))
async def remove_favourite(melody_id: UUID, app: App, owner: Owner) -> MelodySummary:
    """Unmark the melody as a favourite; the melody is not deleted. Idempotent."""
    async with app.database.connection() as connection:
        return await Melodies(connection).set_favourite(melody_id, owner, favourite=False)


@router.get("/{melody_id}", responses=responses(NotFound, InvalidRequest))
async def get_melody(melody_id: UUID, app: App, owner: Owner) -> Melody:
    """Get the melody with its notes."""
    async with app.database.connection() as connection:
        return await Melodies(connection).get(melody_id, owner)
