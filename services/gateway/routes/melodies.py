"""Melodies: listed, shown with their notes, as MIDI files, and kept among the favourites."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from ostinato.schemas.melodies import Melody, MelodySummary
from ostinato.schemas.pages import Page
from services.gateway.dependencies import Before, Gateway, Limit, Owner
from shared.db.melodies import Melodies

router = APIRouter(tags=["melodies"], prefix="/melodies")


class MidiResponse(Response):
    """A standard MIDI file."""

    media_type = "audio/midi"


@router.get("")
async def list_melodies(
    gateway: Gateway,
    owner: Owner,
    before: Before,
    limit: Limit = 50,
    favourites: Annotated[bool, Query(description="Only those.")] = False,  # noqa: FBT002 - by name
) -> Page[MelodySummary]:
    """Everything that was made for you, newest first."""
    async with gateway.database.transaction() as connection:
        page = await Melodies(connection).page(
            owner, before=before, limit=limit, favourites=favourites
        )
    return Page(items=page, next_cursor=str(page[-1].id) if len(page) == limit else None)


@router.get("/{melody_id}.mid", response_class=MidiResponse)
async def get_midi(melody_id: UUID, gateway: Gateway, owner: Owner) -> MidiResponse:
    """The melody as a MIDI file; its first text event says how to make it again."""
    async with gateway.database.transaction() as connection:
        midi = await Melodies(connection).midi(melody_id, owner)
    name = f'attachment; filename="{melody_id}.mid"'
    return MidiResponse(midi, headers={"Content-Disposition": name})


@router.put("/{melody_id}/favourite")
async def add_favourite(melody_id: UUID, gateway: Gateway, owner: Owner) -> MelodySummary:
    """Remember that you are fond of it. Doing it twice changes nothing."""
    async with gateway.database.transaction() as connection:
        return await Melodies(connection).set_favourite(melody_id, owner, favourite=True)


@router.delete("/{melody_id}/favourite")
async def remove_favourite(melody_id: UUID, gateway: Gateway, owner: Owner) -> MelodySummary:
    """Be fond of it no longer; the melody stays."""
    async with gateway.database.transaction() as connection:
        return await Melodies(connection).set_favourite(melody_id, owner, favourite=False)


@router.get("/{melody_id}")
async def get_melody(melody_id: UUID, gateway: Gateway, owner: Owner) -> Melody:
    """The melody with its notes."""
    async with gateway.database.transaction() as connection:
        return await Melodies(connection).get(melody_id, owner)
