"""One of our MIDI files, made again from its receipt: the same bytes, or a reason why not."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import Job
from services.gateway.dependencies import Gateway, IdempotencyKey, Owner, Traceparent
from services.gateway.submission import accept, order_of
from shared.db.models import Models
from shared.db.workers import Workers
from shared.errors import InvalidMidi, NumericsMismatch, WeightsMismatch
from shared.midi.meta import read_receipt

router = APIRouter(tags=["generations"])


class Receipt(BaseModel):
    """What a file of ours says of its making; the rest of it is the request."""

    model_config = ConfigDict(extra="allow")

    model: str
    model_sha256: str
    numerics: str

    @property
    def request(self) -> GenerationRequest:
        """The one melody; ValidationError if this is no request that we know."""
        return GenerationRequest.model_validate({"model": self.model, **(self.model_extra or {})})


@router.post(
    "/reproduce",
    status_code=202,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"audio/midi": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def reproduce(
    request: Request,
    gateway: Gateway,
    owner: Owner,
    idempotency_key: IdempotencyKey = None,
    traceparent: Traceparent = None,
) -> Job:
    """Accept a job that makes one of our files again: its melody has the same bytes.

    That is promised for the same weights under the same arithmetic alone; 409 says what is another.
    """
    receipt, wanted = _read(await request.body())
    async with gateway.database.transaction() as connection:
        await _check_weights(connection, receipt)
        await _check_numerics(connection, receipt)
    order = order_of(wanted, owner, idempotency_key, traceparent)
    return (await accept(gateway, [order]))[0]


def _read(midi: bytes) -> tuple[Receipt, GenerationRequest]:
    content = read_receipt(midi)
    if content is None:
        raise InvalidMidi("The file carries no receipt of ours: it was not made here, or edited.")
    try:
        receipt = Receipt.model_validate(content)
        wanted = receipt.request
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        raise InvalidMidi(f"The receipt in the file is broken: {where}: {fault['msg']}.") from error
    return receipt, wanted


async def _check_weights(connection: AsyncConnection, receipt: Receipt) -> None:
    """An unknown version is left to the check that every request goes through."""
    promoted = (await Models(connection).promoted()).get(receipt.model)
    if promoted not in (None, receipt.model_sha256):
        raise WeightsMismatch(
            f"{receipt.model} is played with weights {promoted}, and the file was made by "
            f"{receipt.model_sha256}; POST /v1/models/{receipt.model}/promote can name them.",
            receipt=receipt.model_sha256,
            promoted=promoted,
        )


async def _check_numerics(connection: AsyncConnection, receipt: Receipt) -> None:
    """Any worker may take the job, so all that play the version must reckon alike."""
    workers = await Workers(connection).alive()
    theirs = {worker.numerics.get(receipt.model, receipt.numerics) for worker in workers}
    if other := sorted(theirs - {receipt.numerics}):
        raise NumericsMismatch(
            f"The file was made by the arithmetic {receipt.numerics!r}; workers here have {other}, "
            "under which its bytes may differ.",
            receipt=receipt.numerics,
            workers=other,
        )
