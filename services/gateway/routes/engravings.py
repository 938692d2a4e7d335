"""Engravings: notes are handed in, and come back as sheet music.

Refuses to engrave: that is the trainer's, which has the library for it.
"""

from uuid import UUID

from fastapi import APIRouter, Response

from ostinato.schemas.engravings import Engraving, EngravingRequest
from services.gateway.dependencies import Gateway, IdempotencyKey, Owner, Traceparent
from shared.broker.queues import TrainerQueue
from shared.db.engravings import Engravings
from shared.db.new_job import Order

router = APIRouter(tags=["engravings"], prefix="/engravings")


class MusicXmlResponse(Response):
    """A MusicXML document (W3C), as a file of its own."""

    media_type = "application/vnd.recordare.musicxml+xml"


@router.post("", status_code=202)
async def engrave(
    posted: EngravingRequest,
    gateway: Gateway,
    owner: Owner,
    idempotency_key: IdempotencyKey = None,
    traceparent: Traceparent = None,
) -> Engraving:
    """Accept notes; follow them by the events of the job that has the answer's id, or poll it."""
    order = Order(
        owner=owner,
        request=posted,
        posted=posted,
        queue=TrainerQueue.ENGRAVE,
        idempotency_key=idempotency_key,
        traceparent=traceparent,
    )
    async with gateway.database.transaction() as connection:
        engraving = await Engravings(connection).accept(order)
    gateway.publisher.soon(engraving.id)
    return engraving


@router.get("/{engraving_id}.musicxml", response_class=MusicXmlResponse)
async def get_musicxml(engraving_id: UUID, gateway: Gateway, owner: Owner) -> MusicXmlResponse:
    """The sheet music; 409 as long as the engraving has not succeeded."""
    async with gateway.database.transaction() as connection:
        document = await Engravings(connection).musicxml(engraving_id, owner)
    name = f'attachment; filename="{engraving_id}.musicxml"'
    return MusicXmlResponse(document, headers={"Content-Disposition": name})


@router.get("/{engraving_id}")
async def get_engraving(engraving_id: UUID, gateway: Gateway, owner: Owner) -> Engraving:
    """One engraving: how far it is."""
    async with gateway.database.transaction() as connection:
        return await Engravings(connection).get(engraving_id, owner)
