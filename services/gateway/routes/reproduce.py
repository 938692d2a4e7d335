"""Regenerates a MIDI file byte for byte, or explains why that is not possible."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.account.keys import Scope
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import GenerationJob
from services.gateway import validation_messages
from services.gateway.dependencies import App, Caller, IdempotencyKey, Traceparent
from services.gateway.problem_details import responses
from services.gateway.requests.scopes import requires
from services.gateway.submission.generation_submission import build_job, submit_job
from shared.db.model_versions import ModelVersions
from shared.db.primers import Primers
from shared.db.workers import Workers
from shared.errors import (
    BodyTooLarge,
    Conflict,
    IdempotencyMismatch,
    InvalidMidi,
    InvalidRequest,
    NotFound,
    NumericsMismatch,
    TooManyRequests,
    WeightsMismatch,
)
from shared.midi.receipt import INFILL_FORMAT, melody_numerics, read_receipt

router = APIRouter(tags=["generations"], dependencies=[requires(Scope.GENERATE)])


class Receipt(BaseModel):
    """The receipt in a MIDI file; its additional fields are those of the request."""

    model_config = ConfigDict(extra="allow")

    model: str
    model_sha256: str
    numerics: str
    primer_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    """SHA-256 of the file of the primer, as it is stored."""
    partial_bars: int | None = None
    """Of a partial melody: the number of its bars."""

    def request(self, primer_id: UUID | None) -> GenerationRequest:
        """The request for this one melody; raises ValidationError if it is invalid."""
        fields = {"model": self.model, **(self.model_extra or {})}
        if primer_id is not None:
            fields["primer_id"] = primer_id
        return GenerationRequest.model_validate(fields)


@router.post(
    "/reproduce",
    status_code=202,
    responses=responses(
        *(NotFound, Conflict, WeightsMismatch, NumericsMismatch, BodyTooLarge),
        *(InvalidMidi, InvalidRequest, IdempotencyMismatch, TooManyRequests),
    ),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"audio/midi": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def reproduce(
    request: Request,
    app: App,
    key: Caller,
    idempotency_key: IdempotencyKey = None,
    traceparent: Traceparent = None,
) -> GenerationJob:
    """Submit a job that regenerates a MIDI file: its melody has the same bytes.

    This requires the same weights and the same numerics; 409 says which of them differ.
    """
    receipt = _read_receipt(await request.body())
    versions = (await app.capabilities.refresh()).visible_to(key)
    async with app.database.transaction() as connection:
        primer_id = await _find_primer(connection, receipt, key.owner)
        original_request = _request(receipt, primer_id)
        if receipt.model in versions:  # else submission rejects it
            await _check_weights(connection, receipt)
            await _check_numerics(connection, receipt, original_request)
    new_job = build_job(
        original_request, app.settings.default_model, key, idempotency_key, traceparent
    )
    return await submit_job(app, key, new_job)


def _read_receipt(midi: bytes) -> Receipt:
    content = read_receipt(midi)
    if content is None:
        raise InvalidMidi(
            "The file has no receipt: Ostinato did not generate it, or it was edited."
        )
    if content.get("primer_id") is not None:
        raise InvalidMidi(
            "An earlier release continued the file from a primer, of which it kept the notes "
            "alone. This release keeps the whole file: upload the primer, and request its seed "
            f"{content.get('seed')} from /v1/generations."
        )
    try:
        receipt = Receipt.model_validate(content)
    except ValidationError as error:
        raise _invalid_receipt(error) from None
    if receipt.partial_bars is not None:
        raise InvalidMidi(
            f"The file has the first {receipt.partial_bars} bars of a melody whose job was "
            "stopped; only whole melodies can be reproduced: request its seed from /v1/generations."
        )
    return receipt


def _invalid_receipt(error: ValidationError) -> InvalidMidi:
    invalid = validation_messages.invalid_body(error, GenerationRequest)
    return InvalidMidi(f"The receipt in the file is invalid: {invalid.detail}.")


async def _find_primer(connection: AsyncConnection, receipt: Receipt, owner: str) -> UUID | None:
    """The owner's primer with the notes that the receipt names; None if it names none."""
    sha256 = receipt.primer_sha256
    if sha256 is None:
        return None
    primer_id = await Primers(connection).find(owner, bytes.fromhex(sha256))
    if primer_id is None:
        error = NotFound("primer", sha256)
        error.detail = (
            f"You have no primer whose file has the SHA-256 {sha256}: upload the MIDI file that "
            "the melody starts with, in the same bars, and repeat the request."
        )
        raise error
    return primer_id


def _request(receipt: Receipt, primer_id: UUID | None) -> GenerationRequest:
    try:
        return receipt.request(primer_id).model_copy(update={"webhook": None})  # no receipt has one
    except ValidationError as error:
        raise _invalid_receipt(error) from None


async def _check_weights(connection: AsyncConnection, receipt: Receipt) -> None:
    """Compare with the promoted weights; submission rejects a version without any later."""
    promoted = (await ModelVersions(connection).promoted_weights()).get(receipt.model)
    if promoted not in (None, receipt.model_sha256):
        raise WeightsMismatch(
            f"The promoted weights of {receipt.model} are {promoted}, and the file was generated "
            f"with {receipt.model_sha256}; POST /v1/models/{receipt.model}/promote can promote "
            "them.",
            receipt=receipt.model_sha256,
            promoted=promoted,
        )


async def _check_numerics(
    connection: AsyncConnection, receipt: Receipt, request: GenerationRequest
) -> None:
    """Require these numerics of every worker that serves the version: any may claim the job.

    The infill format of this release is required even if there is no worker.
    """
    regenerates = request.regenerate is not None
    workers = await Workers(connection).live()
    known = {worker.numerics.get(receipt.model) for worker in workers} - {None}
    numerics = {melody_numerics(each, regenerates=regenerates) for each in known if each}
    others = sorted(numerics - {receipt.numerics})
    if others or not receipt.numerics.endswith(melody_numerics("", regenerates=regenerates)):
        raise NumericsMismatch(
            f"The file was generated with the numerics {receipt.numerics!r}; workers here have "
            f"{others or INFILL_FORMAT}, with which its bytes may differ.",
            receipt=receipt.numerics,
            workers=others,
        )
