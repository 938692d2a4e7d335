"""Melodies: list, mark and delete them, get their notes or MIDI files."""

from contextlib import suppress
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from ostinato.schemas.account.keys import Scope
from ostinato.schemas.melodies import Melody, MelodySummary
from ostinato.schemas.pages import Page
from services.gateway.app_state import AppState
from services.gateway.dependencies import App, IdCursor, Limit, Owner
from services.gateway.problem_details import responses
from services.gateway.requests.scopes import requires
from shared.db.melodies import Melodies, read_midi
from shared.db.retention import melody_deletion
from shared.errors import Conflict, InvalidRequest, NotFound, Unavailable

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
        page = await Melodies(connection, app.settings.generation_lifetime).page(
            owner, before=before, limit=limit, favourites=favourites
        )
    return Page(
        items=page.items, next_cursor=None if page.next_before is None else str(page.next_before)
    )


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
    return await _set_favourite(app, melody_id, owner, favourite=True)


@router.delete("/{melody_id}/favourite", responses=responses(NotFound, InvalidRequest))
async def remove_favourite(melody_id: UUID, app: App, owner: Owner) -> MelodySummary:
    """Unmark the melody as a favourite; the melody is not deleted. Idempotent."""
    return await _set_favourite(app, melody_id, owner, favourite=False)


async def _set_favourite(
    app: AppState, melody_id: UUID, owner: str, *, favourite: bool
) -> MelodySummary:
    async with app.database.transaction() as connection:
        melodies = Melodies(connection, app.settings.generation_lifetime)
        return await melodies.set_favourite(melody_id, owner, favourite=favourite)


@router.get("/{melody_id}", responses=responses(NotFound, InvalidRequest))
async def get_melody(melody_id: UUID, app: App, owner: Owner) -> Melody:
    """Get the melody with its notes."""
    async with app.database.connection() as connection:
        return await Melodies(connection, app.settings.generation_lifetime).get(melody_id, owner)


@router.delete(
    "/{melody_id}", status_code=204, responses=responses(NotFound, Conflict, InvalidRequest)
)
async def delete_melody(melody_id: UUID, app: App, owner: Owner) -> None:
    """Delete the melody, also if it is a favourite; 409 until its job has ended."""
    async with app.database.transaction() as connection:
        job_id = await melody_deletion.delete_melody(connection, melody_id, owner)
    with suppress(Unavailable):  # its events are lost then, or expire within a day
        await app.streams.delete([job_id])
