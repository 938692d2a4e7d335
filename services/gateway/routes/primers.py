"""Primers: uploaded MIDI files that a melody continues; upload, read, delete.

A child process inspects the file.
"""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from ostinato.schemas.account.keys import Scope
from ostinato.schemas.generations import Primer
from ostinato.schemas.melodies import PrimerScore
from services.gateway.dependencies import App, Owner
from services.gateway.problem_details import responses
from services.gateway.requests.scopes import requires
from services.gateway.routes.melodies import MidiResponse
from shared.db.primers import Primers
from shared.errors import BodyTooLarge, Conflict, InvalidMidi, InvalidRequest, NotFound
from shared.midi.faults import MAX_BARS as MAX_FILE_BARS
from shared.midi.sandbox import Inspection, inspect_in_sandbox

router = APIRouter(tags=["primers"], prefix="/primers", dependencies=[requires(Scope.GENERATE)])

CONTENT_TYPES = (
    *("audio/midi", "application/vnd.recordare.musicxml"),
    *("application/vnd.recordare.musicxml+xml", "text/vnd.abc"),
)
"""MIDI, compressed and plain MusicXML, and ABC; the gateway knows them by their contents."""
MAX_BARS = 256
MAX_NOTES = 20_000
"""More notes than fit into the context of any model."""
MAX_BYTES = 2_000_000
"""Every melody of the primer is stored with it."""
FromBar = Annotated[
    int, Query(ge=0, lt=MAX_FILE_BARS, description="The first bar to use, counted from 0.")
]
ToBar = Annotated[
    int | None,
    Query(ge=0, lt=MAX_FILE_BARS, description="The last bar to use; by default the last one."),
]


@router.post(
    "",
    status_code=201,
    responses=responses(BodyTooLarge, InvalidMidi, InvalidRequest),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": {"type": "string", "format": "binary"}} for kind in CONTENT_TYPES
            },
        }
    },
)
async def upload_primer(
    request: Request, app: App, owner: Owner, from_bar: FromBar = 0, to_bar: ToBar = None
) -> Primer:
    """Upload a MIDI file, or a score in MusicXML or ABC; 422 names the problem if it is invalid.

    With `from_bar` and `to_bar`, the primer is these bars of the file, with all tracks.
    """
    data = await request.body()
    async with app.inspections:
        inspection = await inspect_in_sandbox(data, from_bar=from_bar, to_bar=to_bar)
    _check_size(inspection)
    async with app.database.transaction() as connection:
        primer = await Primers(connection).add(owner, hashlib.sha256(data).hexdigest(), inspection)
    return primer.model_copy(update={"from_bar": from_bar})


@router.get(
    "/{primer_id}.mid", response_class=MidiResponse, responses=responses(NotFound, InvalidRequest)
)
async def get_primer_midi(primer_id: UUID, app: App, owner: Owner) -> MidiResponse:
    """The MIDI file of a primer: the uploaded tracks, or those of its bars."""
    async with app.database.connection() as connection:
        midi = await Primers(connection).file(primer_id, owner)
    disposition = f'attachment; filename="{primer_id}.mid"'
    return MidiResponse(midi, headers={"Content-Disposition": disposition})


@router.get(
    "/{primer_id}/score",
    response_model=PrimerScore,
    responses=responses(NotFound, InvalidRequest),
)
async def get_primer_score(primer_id: UUID, app: App, owner: Owner) -> Response:
    """The tempos, the bars and the notes of all tracks of a primer."""
    async with app.database.connection() as connection:
        midi = await Primers(connection).file(primer_id, owner)
    async with app.inspections:
        inspection = await inspect_in_sandbox(midi)
    return Response(inspection.score, media_type="application/json")


@router.delete(
    "/{primer_id}", status_code=204, responses=responses(NotFound, Conflict, InvalidRequest)
)
async def delete_primer(primer_id: UUID, app: App, owner: Owner) -> None:
    """Delete a primer; 409 while an unfinished job uses it. Melodies that start with it stay."""
    async with app.database.transaction() as connection:
        await Primers(connection).delete(primer_id, owner)


def _check_size(inspection: Inspection) -> None:
    bars, notes = inspection.num_bars, inspection.num_notes
    if bars > MAX_BARS or notes > MAX_NOTES:
        raise InvalidMidi(
            f"The file has {bars:,} bars and {notes:,} notes; a primer has at most {MAX_BARS} bars "
            f"and {MAX_NOTES:,} notes. To use a part of it, name its bars: from_bar, to_bar."
        )
    if len(inspection.midi) > MAX_BYTES:
        raise InvalidMidi(
            f"As a MIDI file it has {len(inspection.midi):,} bytes; a primer has at most "
            f"{MAX_BYTES:,}. To use a part of it, name its bars: from_bar, to_bar."
        )
