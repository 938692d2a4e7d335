"""Asking for melodies: one job as JSON, or up to thousands of different ones as JSON lines."""

import hashlib

from fastapi import APIRouter, Request
from pydantic import ValidationError

from ostinato.schemas.generations import MAX_MELODIES, GenerationRequest
from ostinato.schemas.jobs import Job
from ostinato.schemas.pages import Page
from services.gateway import validation_messages
from services.gateway.dependencies import Gateway, IdempotencyKey, Owner, Traceparent
from services.gateway.submission import accept, order_of
from shared.errors import InvalidRequest

router = APIRouter(tags=["generations"])

LINE = "\n"
"""Between the key of a batch and a place in it: no key that comes in a header has it."""


@router.post("/generations", status_code=202)
async def generate(
    posted: GenerationRequest,
    gateway: Gateway,
    owner: Owner,
    idempotency_key: IdempotencyKey = None,
    traceparent: Traceparent = None,
) -> Job:
    """Accept a job; follow it by its events, or poll it."""
    order = order_of(posted, owner, idempotency_key, traceparent)
    return (await accept(gateway, [order]))[0]


@router.post(
    "/generations/batch",
    status_code=202,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/x-ndjson": {
                    "schema": {"type": "string", "description": "One GenerationRequest a line."}
                }
            },
        }
    },
)
async def generate_many(
    request: Request,
    gateway: Gateway,
    owner: Owner,
    idempotency_key: IdempotencyKey = None,
    traceparent: Traceparent = None,
) -> Page[Job]:
    """Accept one job a line, all of them or none."""
    body = await request.body()
    lines = [(n, line) for n, line in enumerate(body.splitlines(), start=1) if line.strip()]
    if not 1 <= len(lines) <= MAX_MELODIES:
        raise InvalidRequest(f"Send 1 to {MAX_MELODIES:,} lines.", field="body")
    sha256 = hashlib.sha256(body).digest()
    orders = [
        order_of(
            _parse(number, line),
            owner,
            idempotency_key and f"{idempotency_key}{LINE}{place}",
            traceparent,
            sha256,
        )
        for place, (number, line) in enumerate(lines, start=1)
    ]
    return Page(items=await accept(gateway, orders))


def _parse(number: int, line: bytes) -> GenerationRequest:
    try:
        return GenerationRequest.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidRequest(
            f"Line {number}: {where}: {validation_messages.message(first, GenerationRequest, first['loc'])}",
            field=where or "body",
            line=number,
        ) from error
