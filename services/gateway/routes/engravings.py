"""Engravings: submit notes or melodies, get or cancel their MusicXML.

The trainer makes it.
"""

from uuid import UUID

from fastapi import APIRouter, Response

from ostinato.schemas.account.keys import Scope
from ostinato.schemas.engravings import Engraving, EngravingRequest
from ostinato.schemas.jobs import JobKind
from services.gateway.dependencies import App, Caller, IdempotencyKey, Owner, Traceparent
from services.gateway.job_deletion import DELETION_ERRORS, delete_owned_job
from services.gateway.problem_details import responses
from services.gateway.requests.json_body import JsonBodyRoute
from services.gateway.requests.scopes import requires
from services.gateway.submission.generation_submission import check_quota
from shared.broker.queues import TrainerQueue
from shared.db.new_job import NewJob
from shared.db.trainer.engravings import Engravings
from shared.errors import (
    BodyTooLarge,
    Conflict,
    IdempotencyMismatch,
    InvalidRequest,
    NotFound,
    TooManyRequests,
)

router = APIRouter(
    tags=["engravings"],
    prefix="/engravings",
    route_class=JsonBodyRoute,
    dependencies=[requires(Scope.GENERATE)],
)


class MusicXmlResponse(Response):
    """A MusicXML document (W3C)."""

    media_type = "application/vnd.recordare.musicxml+xml"


@router.post(
    "",
    status_code=202,
    responses=responses(BodyTooLarge, InvalidRequest, IdempotencyMismatch, TooManyRequests),
)
async def submit_engraving(
    original_request: EngravingRequest,
    app: App,
    key: Caller,
    idempotency_key: IdempotencyKey = None,
    traceparent: Traceparent = None,
) -> Engraving:
    """Submit notes or tracks; poll the engraving, or follow the events of the job with its id."""
    new_job = NewJob(
        owner=key.owner,
        key_id=key.first_id,
        request=original_request,
        original_request=original_request,
        queue=TrainerQueue.ENGRAVE,
        idempotency_key=idempotency_key,
        traceparent=traceparent,
    )
    async with app.database.transaction() as connection:
        repository = Engravings(connection)
        engraving = await repository.find_by_idempotency_key(new_job)
        if engraving is None:
            limit = app.settings.max_pending_engravings
            await check_quota(connection, key.owner, new_job.kind, limit)
            engraving = await repository.create(new_job)
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


@router.post("/{engraving_id}/cancel", responses=responses(NotFound, Conflict, InvalidRequest))
async def cancel_engraving(engraving_id: UUID, app: App, owner: Owner) -> Engraving:
    """Cancel an engraving. Idempotent."""
    async with app.database.transaction() as connection:
        engraving = await Engravings(connection).cancel(engraving_id, owner)
    app.publisher.schedule(engraving.id)
    return engraving


@router.delete("/{engraving_id}", status_code=204, responses=DELETION_ERRORS)
async def delete_engraving(engraving_id: UUID, app: App, owner: Owner) -> None:
    """Delete an engraving and its sheet music; 409 until it has ended."""
    await delete_owned_job(app, engraving_id, owner, JobKind.ENGRAVING)
