"""Primers: MIDI files that melodies go on from, judged in a child process before they are kept."""

import hashlib

from fastapi import APIRouter, Request

from services.gateway.dependencies import Gateway, Owner
from shared.db.primers import Primers
from shared.midi.judge import inspect
from shared.schemas.generations import Primer

router = APIRouter(tags=["primers"], prefix="/primers")


@router.post(
    "",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"audio/midi": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def post_primer(request: Request, gateway: Gateway, owner: Owner) -> Primer:
    """Keep the notes of a MIDI file; 422 says what is broken in it."""
    data = await request.body()
    inspection = await inspect(data)
    async with gateway.database.transaction() as connection:
        return await Primers(connection).add(
            owner, hashlib.sha256(data).hexdigest(), inspection.notes, inspection.bars
        )
