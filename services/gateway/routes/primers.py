"""Primers: MIDI files that melodies go on from, judged in a child process before they are kept."""

import hashlib

from fastapi import APIRouter, Request

from ostinato.schemas.generations import Primer
from services.gateway.dependencies import Gateway, Owner
from shared.db.primers import Primers
from shared.errors import InvalidMidi
from shared.midi.judge import Inspection, inspect

router = APIRouter(tags=["primers"], prefix="/primers")

MAX_BARS = 256
MAX_NOTES = 20_000
"""More than any model can read before it goes on."""


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
    async with gateway.inspections:
        inspection = await inspect(data)
    _check_length(inspection)
    async with gateway.database.transaction() as connection:
        return await Primers(connection).add(
            owner, hashlib.sha256(data).hexdigest(), inspection.notes, inspection.bars
        )


def _check_length(inspection: Inspection) -> None:
    if inspection.bars > MAX_BARS or len(inspection.notes) > MAX_NOTES:
        raise InvalidMidi(
            f"The file has {inspection.bars:,} bars and {len(inspection.notes):,} notes; a primer "
            f"has at most {MAX_BARS} bars and {MAX_NOTES:,} notes."
        )
