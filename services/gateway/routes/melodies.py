"""Melodies: listed, shown with their notes, and as MIDI files."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.gateway.dependencies import Before, Gateway, Limit, Owner
from shared.db.melodies import Melodies
from shared.schemas.melodies import Melody, MelodySummary
from shared.schemas.pages import Page

router = APIRouter(tags=["melodies"], prefix="/melodies")


class MidiResponse(Response):
    """A standard MIDI file."""

    media_type = "audio/midi"


@router.get("")
async def list_melodies(
    gateway: Gateway, owner: Owner, before: Before, limit: Limit = 50
) -> Page[MelodySummary]:
    """Everything that was made for you, newest first."""
    async with gateway.database.transaction() as connection:
        page = await Melodies(connection).page(owner, before=before, limit=limit)
    return Page(items=page, next_cursor=str(page[-1].id) if len(page) == limit else None)


@router.get("/{melody_id}.mid", response_class=MidiResponse)
async def get_midi(melody_id: UUID, gateway: Gateway, owner: Owner) -> MidiResponse:
    """The melody as a MIDI file; its first text event says how to make it again."""
    async with gateway.database.transaction() as connection:
        midi = await Melodies(connection).midi(melody_id, owner)
    name = f'attachment; filename="{melody_id}.mid"'
    return MidiResponse(midi, headers={"Content-Disposition": name})


@router.get("/{melody_id}")
async def get_melody(melody_id: UUID, gateway: Gateway, owner: Owner) -> Melody:
    """The melody with its notes."""
    async with gateway.database.transaction() as connection:
        return await Melodies(connection).get(melody_id, owner)
