"""Engravings: the trainer turns submitted notes into sheet music (MusicXML)."""

from uuid import UUID

from fastapi import APIRouter, Response

from ostinato.schemas.engravings import Engraving, EngravingRequest
from services.gateway.dependencies import App, IdempotencyKey, Owner, Traceparent
from services.gateway.problem_details import responses
from services.gateway.requests.json_body import JsonBodyRoute
from shared.broker.queues import TrainerQueue
from shared.db.engravings import Engravings
from shared.db.new_job import NewJob
from shared.errors import BodyTooLarge, Conflict, IdempotencyMismatch, InvalidRequest, NotFound

router = APIRouter(tags=["engravings"], prefix="/engravings", route_class=JsonBodyRoute)


class MusicXmlResponse(Response):
    """A MusicXML document (W3C)."""

    media_type = "application/vnd.recordare.musicxml+xml"


@router.post(
    "",
    status_code=202,
    responses=responses(BodyTooLarge, InvalidRequest, IdempotencyMismatch),
)
async def submit_engraving(
    original_request: EngravingRequest,
    app: App,
    owner: Owner,
    idempotency_key: IdempotencyKey = None,
    traceparent: Traceparent = None,
) -> Engraving:
    """Submit notes; poll the engraving, or subscribe to the events of the job with its id."""
    new_job = NewJob(
        owner=owner,
        request=original_request,
        original_request=original_request,
        queue=TrainerQueue.ENGRAVE,
        idempotency_key=idempotency_key,
        traceparent=traceparent,
    )
    async with app.database.transaction() as connection:
        engraving = await Engravings(connection).create(new_job)
    app.publisher.schedule(engraving.id)
    return engraving


@router.get(
    "/{engraving_id}.musicxml",
    response_class=MusicXmlResponse,
    responses=responses(NotFound, Conflict, InvalidRequest),
)
async def get_musicxml(engraving_id: UUID, app: App, owner: Owner) -> MusicXmlResponse:
    """Get the sheet music; 409 unless the engraving has succeeded."""
    async with app.database.transaction() as connection:
        document = await Engravings(connection).musicxml(engraving_id, owner)
    disposition = f'attachment; filename="{engraving_id}.musicxml"'
    return MusicXmlResponse(document, headers={"Content-Disposition": disposition})


@router.get("/{engraving_id}", responses=responses(NotFound, InvalidRequest))
async def get_engraving(engraving_id: UUID, app: App, owner: Owner) -> Engraving:
    """Get an engraving."""
    async with app.database.transaction() as connection:
        return await Engravings(connection).get(engraving_id, owner)
